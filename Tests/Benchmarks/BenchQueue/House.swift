import DNS
import Execution
import Glibc
import MailCore
import MessageStore
import NIOCore
import OutboundQueue
import SQLite
import Synchronization
import Transport

/// A store with a queue in a folder of its own, as the server opens it, and a clock that can be put forward.
final class House: Sendable {
    let folder: String
    let database: Database
    let store: MessageStore
    let clock = Atomic<Int64>(Int64(Glibc.time(nil)))
    private let pool = BlockingPool(name: "bench", threads: 2, queueMax: 100_000)
    private let loops = EventLoops(threads: 2)

    init(in parent: String) throws {
        var template = Array("\(parent)/bench-queue-XXXXXX".utf8CString)
        folder = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) } ?? ""
        }
        database = try Database(options: .init(path: folder + "/mail.db", chapters: [MessageStore.chapter]))
        store = try MessageStore(options: .init(directory: folder), database: database, cpu: pool, files: pool)
    }

    func close() async {
        await database.close()
        await loops.stop()
        pool.stop()
        _ = system("rm -rf '\(folder)'")
    }

    /// Queues messages of one recipient each, in turn to each of the domains.
    func fill(_ count: Int, domains: Int, octets: Int) async throws {
        let producers = 64
        try await withThrowingTaskGroup(of: Void.self) { group in
            for producer in 0..<producers {
                group.addTask { [self] in
                    for number in stride(from: producer, to: count, by: producers) {
                        let entry = QueueEntry(
                            reversePath: .address(EmailAddress(localPart: "ann", domain: "here.test")),
                            recipients: [EmailAddress(localPart: "r\(number)", domain: "d\(number % domains).test")])
                        let staged = try await store.stage(Self.message(number, octets: octets))
                        try await store.deliver(staged, to: [], queue: [entry])
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    func runner(port: Int, relayed: Bool) throws -> Runner {
        let route = relayed ? try RouteRule("via=127.0.0.1:\(port)").route : Route.exchangers
        var options = Runner.Options(hostname: "mail.here.test", route: route)
        options.exchangerPort = port
        return Runner(
            options: options, store: store, resolver: OneHost(), loops: loops, files: pool, local: NoNotices(),
            now: { [self] in clock.load(ordering: .relaxed) })
    }

    private static func message(_ number: Int, octets: Int) -> ByteBuffer {
        var text = "From: ann@here.test\r\nSubject: number \(number)\r\nMessage-ID: <\(number)@here.test>\r\n\r\n"
        while text.utf8.count < octets { text += "Some words of a message that is like many others.\r\n" }
        return ByteBuffer(string: text)
    }
}

/// Every domain has one mail server, on this machine.
private struct OneHost: Resolver {
    func query(_ name: String, _ type: RecordType) async -> Answer {
        await StaticResolver([name: name.hasPrefix("mx.") ? [.a("127.0.0.1")] : [.mx(10, "mx.\(name)")]])
            .query(name, type)
    }
}

private struct NoNotices: LocalDelivery {
    func deliverNotice(_ message: ByteBuffer, to recipient: EmailAddress, needs: MessageNeeds) async throws {}
}
