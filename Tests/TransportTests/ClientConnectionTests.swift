import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Transport

@Suite("A connection that we open", .timeLimit(.minutes(1))) struct ClientConnectionTests {
    /// A server that hands each connection's channel to the test, reads nothing by itself, and can be told to answer.
    private static func serve(
        _ loops: EventLoops, reads: Bool = true, _ answer: @escaping @Sendable (String) -> String? = { _ in nil }
    ) async throws -> any Channel {
        try await ServerBootstrap(group: loops.group)
            .childChannelOption(.autoRead, value: reads)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AnswerHandler(answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    private func with(
        reads: Bool = true, answer: @escaping @Sendable (String) -> String? = { _ in nil },
        _ body: (ClientConnection, EventLoops) async throws -> Void
    ) async throws {
        let loops = EventLoops(threads: 1)
        let server = try await Self.serve(loops, reads: reads, answer)
        let connection = try await ClientConnection.connect(
            host: "127.0.0.1", port: server.localAddress?.port ?? 0, withinSeconds: 10, on: loops)
        try await body(connection, loops)
        await connection.close()
        try await server.close()
        await loops.stop()
    }

    @Test("A port where nobody listens, and what is no address, are no connection")
    func refused() async throws {
        let loops = EventLoops(threads: 1)
        for host in ["127.0.0.1", "localhost", ""] {
            do throws(ClientConnection.Failure) {
                _ = try await ClientConnection.connect(host: host, port: 1, withinSeconds: 5, on: loops)
                Issue.record("\(host) was connected")
            } catch {
                #expect(error.isNotConnected)
                if host == "127.0.0.1" { #expect("\(error)" == "Connection refused") }
            }
        }
        await loops.stop()
    }

    @Test("A read that lasts too long fails, and the next gets what comes then")
    func timesOut() async throws {
        try await with(answer: { $0 }) { connection, _ in
            await #expect(throws: ClientConnection.Failure.timedOut) { try await connection.read(withinSeconds: 0) }
            try await connection.write(ByteBuffer(string: "hello"), withinSeconds: 10)
            #expect(String(buffer: try await connection.read(withinSeconds: 10)) == "hello")
        }
    }

    @Test("What the peer said before it closed is read, then the close")
    func readsToTheEnd() async throws {
        try await with(answer: { _ in "bye" }) { connection, _ in
            try await connection.write(ByteBuffer(string: "x"), withinSeconds: 10)
            #expect(String(buffer: try await connection.read(withinSeconds: 10)) == "bye")
            await connection.close()
            await #expect(throws: ClientConnection.Failure.closed) { try await connection.read(withinSeconds: 10) }
            await #expect(throws: ClientConnection.Failure.closed) {
                try await connection.write(ByteBuffer(string: "x"), withinSeconds: 10)
            }
        }
    }

    @Test(
        "A task that is cancelled waits for nothing, in a read and in a write that nobody takes",
        arguments: [true, false])
    func cancels(isRead: Bool) async throws {
        try await with(reads: false) { connection, _ in
            let task = Task {
                if isRead {
                    _ = try await connection.read(withinSeconds: 3_600)
                } else {
                    try await connection.write(ByteBuffer(repeating: 120, count: 64 << 20), withinSeconds: 3_600)
                }
            }
            task.cancel()
            await #expect(throws: ClientConnection.Failure.closed) { try await task.value }
        }
    }

    @Test("A peer that takes nothing is cut off when the time is over")
    func cutsOff() async throws {
        try await with(reads: false) { connection, _ in
            await #expect(throws: ClientConnection.Failure.closed) {
                try await connection.write(ByteBuffer(repeating: 120, count: 64 << 20), withinSeconds: 0)
            }
        }
    }

    @Test("A peer that speaks no TLS, or says nothing, is a failure and no trap", arguments: ["garbage\r\n", nil])
    func noTLS(answer: String?) async throws {
        try await with(answer: { _ in answer }) { connection, _ in
            do throws(ClientConnection.Failure) {
                _ = try await connection.startTLS(serverName: "127.0.0.1", verification: .none, withinSeconds: 1)
                Issue.record("TLS came about")
            } catch {
                #expect(error.isTLS)
            }
        }
    }

    @Test("Authorities that cannot be read are a failure")
    func noAuthorities() async throws {
        try await with { connection, _ in
            do throws(ClientConnection.Failure) {
                _ = try await connection.startTLS(
                    serverName: "a.test", verification: .full(authorities: "/nowhere.pem"), withinSeconds: 1)
                Issue.record("TLS came about")
            } catch {
                #expect(error.isTLS)
            }
        }
    }
}

extension ClientConnection.Failure {
    fileprivate var isNotConnected: Bool {
        if case .notConnected = self { true } else { false }
    }

    fileprivate var isTLS: Bool {
        if case .tls = self { true } else { false }
    }
}

private final class AnswerHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let answer: @Sendable (String) -> String?

    init(_ answer: @escaping @Sendable (String) -> String?) { self.answer = answer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let text = answer(String(buffer: unwrapInboundIn(data))) else { return }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
    }
}
