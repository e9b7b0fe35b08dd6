import Directory
import Execution
import Glibc
import MailCore
import MailCrypto
import MessageStore
import NIOCore
import SQLite

@testable import Delivery

/// A store and a directory with ann, bob and some aliases.
final class Bed: Sendable {
    let database: Database
    let store: MessageStore
    let registry: Registry
    let agent: Agent
    let pool = BlockingPool(name: "test", threads: 2, queueMax: 1_000)

    private init(_ folder: String) async throws {
        database = try Database(
            options: .init(path: folder + "/mail.db", chapters: [MessageStore.chapter, Registry.chapter]))
        var options = MessageStore.Options(directory: folder)
        options.segmentOctetsMax = 1 << 20
        store = try MessageStore(options: options, database: database, cpu: pool, files: pool)
        registry = Registry(database: database, hashing: pool, cost: .lab)
        agent = Agent(
            registry: registry, store: store,
            forwarding: Forwarding(secret: Array(repeating: 7, count: 32)) { 1_800_000_000 })
        try await registry.addDomain("here.test", postmaster: EmailAddress("ann@here.test"))
        let store = store
        try await registry.addAccounts(
            ["ann", "bob"].map { .init(address: EmailAddress(localPart: $0, domain: "here.test"), password: "secret") }
        ) { try store.createAccount($0, domain: $1, in: $2) }
        try await alias("team", "ann@here.test", "bob@here.test", "far@else.test")
        try await alias("circle", "round@here.test")
        try await alias("round", "circle@here.test")
        try await alias("chain0", "ann@here.test")
        for number in 1...10 { try await alias("chain\(number)", "chain\(number - 1)@here.test") }
    }

    private func alias(_ name: String, _ targets: String...) async throws {
        _ = try await registry.addAlias(
            EmailAddress(localPart: name, domain: "here.test"), targets: targets.compactMap { EmailAddress($0) })
    }

    func account(_ name: String) async throws -> AccountID {
        let resolution = try await registry.resolve(EmailAddress(localPart: name, domain: "here.test"))
        guard case .account(let account, _) = resolution else { throw StoreError.noSuchAccount }
        return account
    }

    /// The messages of a mailbox as an IMAP client sees them.
    func texts(_ name: String, _ mailbox: String) async throws -> [String] {
        let account = try await account(name)
        let row = try await store.mailbox(of: account, named: mailbox)
        var texts: [String] = []
        for detail in try await store.details(
            of: row.id, account: account, uids: 1...UInt32.max, limit: 100, want: [.prefix, .body])
        {
            guard let body = detail.body else { continue }
            texts.append(String(buffer: detail.prefix) + String(buffer: try await store.octets(of: body)))
        }
        return texts
    }

    /// Runs `body` on a bed in a folder of its own that is removed afterwards.
    static func with(_ body: (Bed) async throws -> Void) async throws {
        var template = Array("/tmp/postino-delivery-XXXXXX".utf8CString)
        let folder = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) } ?? ""
        }
        defer { remove(folder) }
        let bed = try await Bed(folder)
        do {
            try await body(bed)
        } catch {
            await bed.close()
            throw error
        }
        await bed.close()
    }

    private func close() async {
        await database.close()
        pool.stop()
    }

    private static func remove(_ path: String) {
        guard path.hasPrefix("/tmp/postino-delivery-") else { return }
        if unlink(path) == 0 { return }
        if let folder = opendir(path) {
            while let entry = readdir(folder) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name != "." && name != ".." { remove(path + "/" + name) }
            }
            closedir(folder)
        }
        rmdir(path)
    }
}
