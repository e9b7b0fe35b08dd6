import Execution
import Glibc
import MailCore
import NIOCore

@testable import MessageStore
@testable import SQLite

/// A store in a folder of its own, with account 1 and 2.
final class TestStore: Sendable {
    let folder: String
    let database: Database
    let store: MessageStore
    let pool: BlockingPool
    private let witness: Witness?

    static let ann = AccountID(rawValue: 1)
    static let domain = DomainID(rawValue: 1)
    static let bob = AccountID(rawValue: 2)

    /// Opens the store in `folder`, made with its accounts when it is new.
    convenience init(
        _ folder: String, layer: FileLayer = .system, change: (inout MessageStore.Options) -> Void = { _ in }
    ) async throws {
        try await self.init(folder, layer: layer, disk: nil, change: change)
        try await makeAccounts()
    }

    /// The same on a disk of the tests, with its commits witnessed.
    convenience init(
        on disk: TestDisk, isWitnessed: Bool = true, change: (inout MessageStore.Options) -> Void = { _ in }
    ) async throws {
        try await self.init(disk.root, layer: disk.layer, disk: disk, isWitnessed: isWitnessed, change: change)
    }

    private init(
        _ folder: String, layer: FileLayer, disk: TestDisk?, isWitnessed: Bool = false,
        change: (inout MessageStore.Options) -> Void
    ) async throws {
        self.folder = folder
        var options = Database.Options(path: folder + "/mail.db", chapters: MessageStore.chapters)
        options.readers = 2
        if let disk {
            options.vfs = disk.vfs
            options.readers = 1
            // Small, so that a short session has them all: beside the writer, by the writer, the WAL begun anew.
            options.checkpointOctets = 160 << 10
        }
        database = try Database(options: options)
        pool = BlockingPool(name: "test", threads: 2, queueMax: 10_000)
        witness = isWitnessed ? disk.map { Witness($0) } : nil
        if let witness { database.register(witness) }
        var storeOptions = MessageStore.Options(directory: folder)
        change(&storeOptions)
        do {
            store = try MessageStore(options: storeOptions, database: database, cpu: pool, files: pool, layer: layer)
        } catch {
            witness?.close()
            await database.close()
            pool.stop()
            throw error
        }
    }

    /// Makes Ann's and Bob's accounts when there are none.
    func makeAccounts() async throws {
        let isNew = try await database.read { try $0.integer("SELECT count(*) FROM account_state") } == 0
        if isNew {
            try await database.write { [store] transaction in
                try store.createAccount(Self.ann, domain: Self.domain, in: transaction)
                try store.createAccount(Self.bob, domain: Self.domain, in: transaction)
            }
        }
    }

    func close() async {
        witness?.close()
        await database.close()
        pool.stop()
    }

    func inbox(_ account: AccountID = ann) async throws -> MailboxRow {
        try await store.mailbox(of: account, named: "INBOX")
    }

    /// Delivers a small message to INBOXes.
    @discardableResult
    func deliver(_ text: String, to accounts: [AccountID] = [ann]) async throws -> DeliveryReceipt {
        let staged = try await store.stage(message(text))
        return try await store.deliver(staged, to: accounts.map { LocalCopy(account: $0) })
    }

    func uids(_ mailbox: MailboxID) async throws -> [ClosedRange<UInt32>] { try await store.uids(of: mailbox).ranges }

    /// The octets of one message, prefix and body.
    func text(_ mailbox: MailboxID, _ uid: UInt32, _ account: AccountID = ann) async throws -> String {
        let details = try await store.details(
            of: mailbox, account: account, uids: uid...uid, limit: 1, want: [.body, .prefix])
        guard let detail = details.first, let body = detail.body else { return "" }
        return String(buffer: detail.prefix) + String(buffer: try await store.octets(of: body))
    }
}

/// A message with a subject.
func message(_ subject: String, body: String = "Hello.\r\n", id: String? = nil) -> ByteBuffer {
    ByteBuffer(
        string: """
            From: Ann <ann@example.test>\r
            To: bob@example.test\r
            Subject: \(subject)\r
            Date: Mon, 23 Nov 2026 21:00:00 +0100\r
            Message-ID: <\(id ?? subject)@example.test>\r
            \r
            \(body)
            """)
}

/// Runs `body` with a folder that is removed afterwards.
func withFolder<Outcome>(_ body: (String) async throws -> Outcome) async throws -> Outcome {
    var template = Array("/tmp/postino-store-XXXXXX".utf8CString)
    let path = template.withUnsafeMutableBufferPointer { buffer in
        buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) } ?? ""
    }
    guard !path.isEmpty else { throw StoreError.storage(operation: "mkdtemp", detail: "") }
    defer { Folder.remove(path) }
    return try await body(path)
}

enum Folder {
    static func names(_ path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// What this process has open of a folder, by path.
    static func opened(below folder: String) -> [String] {
        names("/proc/self/fd").compactMap { name in
            var target = [CChar](repeating: 0, count: 1_024)
            let count = readlink("/proc/self/fd/" + name, &target, target.count)
            let path = String(decoding: target.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
            return path.hasPrefix(folder + "/") ? path : nil
        }
    }

    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    static func remove(_ path: String) {
        guard isFolder(path) else {
            unlink(path)
            return
        }
        for name in names(path) { remove(path + "/" + name) }
        rmdir(path)
    }

    /// Copies a folder file by file, as it is at that moment.
    static func copy(_ from: String, to path: String) {
        guard isFolder(from) else {
            let source = open(from, O_RDONLY)
            let target = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            while true {
                let count = read(source, &buffer, buffer.count)
                guard count > 0 else { break }
                _ = write(target, buffer, count)
            }
            close(source)
            close(target)
            return
        }
        mkdir(path, 0o700)
        for name in names(from) { copy(from + "/" + name, to: path + "/" + name) }
    }
}
