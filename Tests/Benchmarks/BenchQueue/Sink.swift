import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// The next hop of all destinations: takes every message, or puts every recipient off. On one thread of its own, so that
/// what it costs can be told from what the queue costs.
final class Sink: Sendable {
    let port: Int
    let counts = Counts()
    private let group: MultiThreadedEventLoopGroup
    private let channel: any Channel

    final class Counts: Sendable {
        let isTaking = Atomic<Bool>(false)
        let connections = Atomic<Int>(0)
        /// Recipients taken or put off.
        let attempts = Atomic<Int>(0)
    }

    init() async throws {
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let counts = counts
        channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1_024)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(SinkHandler(counts))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
    }

    /// User and system time of its thread.
    func cpuSeconds() async throws -> Double {
        try await group.next().submit {
            var time = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        }.get()
    }

    func stop() async throws {
        try await channel.close()
        try await group.shutdownGracefully()
    }
}

private final class SinkHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let counts: Sink.Counts
    private var input = ByteBuffer()
    private var isInData = false
    private var recipients = 0

    init(_ counts: Sink.Counts) { self.counts = counts }

    func channelActive(context: ChannelHandlerContext) {
        counts.connections.add(1, ordering: .relaxed)
        write("220 sink.test ESMTP\r\n", context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var octets = unwrapInboundIn(data)
        input.writeBuffer(&octets)
        var reply = ""
        while let line = nextLine() { reply += answer(line) }
        input.discardReadBytes()
        if !reply.isEmpty { write(reply, context) }
    }

    private func nextLine() -> ByteBuffer? {
        guard let end = input.readableBytesView.firstIndex(of: 10) else { return nil }
        return input.readSlice(length: end - input.readerIndex + 1)
    }

    private func answer(_ line: ByteBuffer) -> String {
        if isInData {
            guard line.readableBytes == 3, line.getInteger(at: line.readerIndex) == UInt8(ascii: ".") else { return "" }
            isInData = false
            counts.attempts.add(recipients, ordering: .relaxed)
            recipients = 0
            return "250 2.0.0 taken\r\n"
        }
        switch line.getString(at: line.readerIndex, length: min(4, line.readableBytes)) {
        case "EHLO": return "250-sink.test\r\n250-PIPELINING\r\n250-SIZE\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES\r\n"
        case "RCPT":
            guard counts.isTaking.load(ordering: .relaxed) else {
                counts.attempts.add(1, ordering: .relaxed)
                return "451 4.7.1 come back later\r\n"
            }
            recipients += 1
            return "250 2.1.5 ok\r\n"
        case "DATA":
            guard recipients > 0 else { return "503 5.5.1 no recipients\r\n" }
            isInData = true
            return "354 go\r\n"
        case "QUIT": return "221 2.0.0 bye\r\n"
        default: return "250 2.0.0 ok\r\n"
        }
    }

    private func write(_ text: String, _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
    }
}
