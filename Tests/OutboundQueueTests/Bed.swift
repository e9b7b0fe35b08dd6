import DNS
import Execution
import Glibc
import MailCore
import MessageStore
import NIOCore
import SQLite
import Synchronization
import Transport

@testable import OutboundQueue

/// A store in a folder of its own, a clock that the test moves, and somebody who keeps the notices.
final class Bed: Sendable {
    let folder: String
    let database: Database
    let store: MessageStore
    let loops = EventLoops(threads: 1)
    let pool = BlockingPool(name: "test", threads: 2, queueMax: 10_000)
    let notices = Notices()
    let clock = Atomic<Int64>(Int64(Glibc.time(nil)))

    init(_ folder: String) throws {
        self.folder = folder
        database = try Database(options: .init(path: folder + "/mail.db", chapters: [MessageStore.chapter]))
        var options = MessageStore.Options(directory: folder)
        options.segmentOctetsMax = 1 << 20
        store = try MessageStore(options: options, database: database, cpu: pool, files: pool)
    }

    /// Runs `body` on a bed that is taken down afterwards.
    static func with(_ body: (Bed) async throws -> Void) async throws {
        try await withFolder { folder in
            let bed = try Bed(folder)
            do {
                try await body(bed)
            } catch {
                await bed.close()
                throw error
            }
            await bed.close()
        }
    }

    func close() async {
        await database.close()
        await loops.stop()
        pool.stop()
    }

    func runner(
        _ route: Route = .exchangers, resolver: any Resolver = DisabledResolver(), port: Int = 25,
        signing: Signing? = nil, change: (inout Runner.Options) -> Void = { _ in }
    ) -> Runner {
        var options = Runner.Options(hostname: "mail.here.test", route: route)
        options.exchangerPort = port
        options.idleSeconds = 0
        change(&options)
        return Runner(
            options: options, store: store, resolver: resolver, loops: loops, files: pool, local: notices,
            signing: signing, now: { [self] in clock.load(ordering: .relaxed) }, random: { 0.5 })
    }

    var time: Int64 { clock.load(ordering: .relaxed) }

    func advance(_ seconds: Int64) { clock.add(seconds, ordering: .relaxed) }

    @discardableResult
    func queue(
        _ recipients: String..., from reversePath: String = "ann@here.test", subject: String = "Hello",
        expiresAfterSeconds: Int64 = 432_000
    ) async throws -> Int64 {
        try await queue(recipients, from: reversePath, subject: subject, expiresAfterSeconds: expiresAfterSeconds)
    }

    @discardableResult
    func queue(
        _ recipients: [String], from reversePath: String = "ann@here.test", subject: String = "Hello",
        expiresAfterSeconds: Int64 = 432_000, options: QueueOptions = QueueOptions(),
        needs: MessageNeeds = [], notification: MessageNotification = MessageNotification(),
        priority: QueuePriority = .person, wishes: RecipientNotification = RecipientNotification()
    ) async throws -> Int64 {
        let addresses = recipients.compactMap { EmailAddress($0) }
        let entry = QueueEntry(
            reversePath: EmailAddress(reversePath).map { .address($0) } ?? .null,
            recipients: addresses, options: options.text, needs: needs, priority: priority,
            notification: notification,
            recipientNotifications: Dictionary(addresses.map { ($0, wishes) }) { first, _ in first },
            expiresAfterSeconds: expiresAfterSeconds)
        let staged = try await store.stage(ByteBuffer(string: Self.message(subject)))
        return try await store.deliver(staged, to: [], queue: [entry]).queueIDs[0]
    }

    @discardableResult
    func queue(
        text: String, _ recipient: String, from reversePath: String, options: QueueOptions
    ) async throws -> Int64 {
        try await queue(text: text, [recipient], from: reversePath, options: options)
    }

    @discardableResult
    func queue(
        text: String, _ recipients: [String], from reversePath: String, options: QueueOptions, needs: MessageNeeds = []
    ) async throws -> Int64 {
        let entry = QueueEntry(
            reversePath: EmailAddress(reversePath).map { .address($0) } ?? .null,
            recipients: recipients.compactMap { EmailAddress($0) }, options: options.text, needs: needs)
        let staged = try await store.stage(ByteBuffer(string: text))
        return try await store.deliver(staged, to: [], queue: [entry]).queueIDs[0]
    }

    static func message(_ subject: String) -> String {
        "Subject: \(subject)\r\nMessage-ID: <\(subject.filter(\.isLetter))@here.test>\r\n\r\n.dots\r\nHello.\r\n"
    }

    var rows: [QueuedRecipient] { get async throws { try await store.listQueue() } }

    /// Waits until the queue looks so.
    func until(_ isSo: ([QueuedRecipient]) -> Bool) async throws {
        while !isSo(try await rows) { await Task.yield() }
    }

    func untilEmpty() async throws { try await until(\.isEmpty) }

    /// Waits until every recipient was tried so often and waits again.
    func untilTried(_ attempts: Int) async throws {
        try await until { $0.allSatisfy { $0.attempts == attempts && $0.state == .waiting } }
    }
}

/// Keeps what is told to senders.
final class Notices: LocalDelivery {
    struct Broken: Error {}

    let all = Mutex<[(recipient: EmailAddress, text: String)]>([])
    let failures = Atomic<Int>(0)

    func deliverNotice(_ message: ByteBuffer, to recipient: EmailAddress, needs: MessageNeeds) async throws {
        if failures.load(ordering: .relaxed) > 0 {
            failures.subtract(1, ordering: .relaxed)
            throw Broken()
        }
        all.withLock { $0.append((recipient, String(buffer: message))) }
    }

    var count: Int { all.withLock { $0.count } }
    var texts: [String] { all.withLock { $0.map(\.text) } }
}

func withFolder(_ body: (String) async throws -> Void) async throws {
    var template = Array("/tmp/postino-queue-XXXXXX".utf8CString)
    let path = template.withUnsafeMutableBufferPointer { buffer in
        buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) } ?? ""
    }
    defer { Folder.remove(path) }
    try await body(path)
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

    static func text(_ path: String) -> String {
        let file = open(path, O_RDONLY)
        defer { close(file) }
        var octets = [UInt8](repeating: 0, count: 1 << 16)
        let count = read(file, &octets, octets.count)
        return String(decoding: octets.prefix(max(0, count)), as: UTF8.self)
    }

    static func write(_ text: String, to path: String) {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        defer { close(file) }
        _ = Array(text.utf8).withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
    }

    static func remove(_ path: String) {
        guard path.hasPrefix("/tmp/postino-queue-") else { return }
        if unlink(path) == 0 { return }
        for name in names(path) { remove(path + "/" + name) }
        rmdir(path)
    }
}
