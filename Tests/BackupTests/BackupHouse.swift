import Execution
import Glibc
import MailCore
import MessageStore
import NIOCore
import SQLite
import Synchronization

@testable import Backup

/// A store with one account, and a target for its backups, in a folder of their own.
final class BackupHouse: Sendable {
    static let ann = AccountID(rawValue: 1)

    let folder: String
    let database: Database
    let store: MessageStore
    let keeper: Keeper
    private let pool: BlockingPool

    var state: String { folder + "/state" }
    var target: String { folder + "/target" }

    private init(_ folder: String) async throws {
        self.folder = folder
        for name in ["state", "state/tls", "target"] { mkdir(folder + "/" + name, 0o700) }
        try Disk.write(Array("a private key".utf8), to: folder + "/state/tls/key.pem")
        try Disk.write(Array("elsewhere".utf8), to: folder + "/other key.pem")
        var databaseOptions = Database.Options(path: folder + "/state/mail.db", chapters: [MessageStore.chapter])
        databaseOptions.readers = 2
        database = try Database(options: databaseOptions)
        pool = BlockingPool(name: "test", threads: 2, queueMax: 1_000)
        var storeOptions = MessageStore.Options(directory: folder + "/state")
        storeOptions.segmentOctetsMax = 1 << 20
        store = try MessageStore(options: storeOptions, database: database, cpu: pool, files: pool)
        try await database.write { [store] in try store.createAccount(Self.ann, domain: .none, in: $0) }
        var options = Keeper.Options(target: folder + "/target", stateFolder: folder + "/state")
        options.keyFiles = [folder + "/state/tls/key.pem", folder + "/other key.pem", folder + "/missing.pem"]
        options.octetsPerSecondMax = 0
        let clock = MinuteClock()
        keeper = Keeper(
            options: options, store: store, database: database, spamDatabase: nil, files: pool,
            now: clock.next)
    }

    /// Runs `body` with a house that is removed afterwards.
    static func with<Outcome>(_ body: (BackupHouse) async throws -> Outcome) async throws -> Outcome {
        var template = Array("/tmp/postino-backup-XXXXXX".utf8CString)
        let path = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) } ?? ""
        }
        defer { try? Disk.removeTree(path) }
        let house = try await BackupHouse(path)
        let outcome: Result<Outcome, any Error>
        do {
            outcome = .success(try await body(house))
        } catch {
            outcome = .failure(error)
        }
        await house.database.close()
        house.pool.stop()
        return try outcome.get()
    }

    /// Delivers messages of about `octets` octets each, all different.
    func deliver(_ count: Int, octets: Int, from first: Int = 0) async throws {
        for number in first..<first + count {
            let staged = try await store.stage(Self.message(number, octets: octets))
            _ = try await store.deliver(staged, to: [LocalCopy(account: Self.ann)])
        }
    }

    static func message(_ number: Int, octets: Int) -> ByteBuffer {
        var text = "From: ann@example.test\r\nSubject: \(number)\r\nMessage-ID: <\(number)@example.test>\r\n\r\n"
        let line = String(repeating: "\(number) ", count: 70 / ("\(number)".utf8.count + 1)) + "\r\n"
        text += String(repeating: line, count: max(1, octets / line.utf8.count))
        return ByteBuffer(string: text)
    }

    /// All files of the target with their lengths, but for the lock.
    func listing() throws -> [String: Int64] {
        var files: [String: Int64] = [:]
        try Self.list(target, "", &files)
        files["lock"] = nil
        return files
    }

    private static func list(_ path: String, _ prefix: String, _ files: inout [String: Int64]) throws {
        for name in try Disk.names(in: path) {
            if Disk.isFolder(path + "/" + name) {
                try list(path + "/" + name, prefix + name + "/", &files)
            } else {
                files[prefix + name] = Disk.octets(of: path + "/" + name) ?? 0
            }
        }
    }

    /// Changes one octet in the middle of a file of the target.
    func flip(_ name: String) throws {
        let path = target + "/" + name
        var octets = try Disk.read(path, octetsMax: 1 << 30)
        octets[octets.count / 2] ^= 1
        try Disk.write(octets, to: path)
    }

    func makeSet() async throws -> SetFacts { try await keeper.makeSet { _ in } }

    func verify(_ name: String? = nil) async throws -> Proof { try await keeper.verify(name) { _ in } }

    /// Restores a set into a new folder.
    func restore(_ name: String, into folder: String = "restored") async throws -> (RestoreFacts, String) {
        let directory = self.folder + "/" + folder
        return (try await Restore.server(set: name, target: target, into: directory) { _ in }, directory)
    }
}

/// The octets of all messages of INBOX by their UID, as a store in `directory` gives them.
func inbox(of store: MessageStore) async throws -> (row: MailboxRow, messages: [UInt32: String]) {
    let row = try await store.mailbox(of: BackupHouse.ann, named: "INBOX")
    var messages: [UInt32: String] = [:]
    let details = try await store.details(
        of: row.id, account: BackupHouse.ann, uids: 1...UInt32.max, limit: 10_000, want: [.body, .prefix])
    for detail in details {
        guard let body = detail.body else { continue }
        let octets = try await store.octets(of: body)
        messages[detail.summary.uid.rawValue] = String(buffer: detail.prefix) + String(buffer: octets)
    }
    return (row, messages)
}

/// Opens the store in a folder for as long as `body` takes.
func withStore<Outcome>(
    _ directory: String, _ body: (MessageStore, Database) async throws -> Outcome
) async throws -> Outcome {
    let pool = BlockingPool(name: "restored", threads: 1, queueMax: 100)
    defer { pool.stop() }
    let database = try Workspace.open(directory + "/mail.db")
    let outcome: Result<Outcome, any Error>
    do {
        let store = try MessageStore(
            options: MessageStore.Options(directory: directory), database: database, cpu: pool, files: pool)
        outcome = .success(try await body(store, database))
    } catch {
        outcome = .failure(error)
    }
    await database.close()
    return try outcome.get()
}

/// A minute later each time it is asked.
private final class MinuteClock: Sendable {
    private let seconds = Atomic<Int>(1_795_000_000)

    @Sendable func next() -> Int64 { Int64(seconds.add(60, ordering: .relaxed).newValue) }
}
