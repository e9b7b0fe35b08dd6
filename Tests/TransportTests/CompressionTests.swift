import MailCore
import NIOCore
import NIOEmbedded
import Testing

@testable import Transport

@Suite("COMPRESS=DEFLATE (RFC 4978)") struct CompressionTests {
    private static let allocator = ByteBufferAllocator()

    private static func expand(_ octets: ByteBuffer, pieceOctets: Int = 65_536) throws -> ByteBuffer {
        let stream = try DeflateStream(.expanding)
        var (input, all) = (octets, ByteBuffer())
        repeat {
            var piece = try stream.expand(&input, octetsMax: pieceOctets, allocator)
            all.writeBuffer(&piece)
        } while input.readableBytes > 0 || stream.isFull
        return all
    }

    @Test("What is compressed is expanded, whatever its size and the pieces", arguments: [0, 1, 100, 16_384, 300_000])
    func bothWays(octets: Int) throws {
        let stream = try DeflateStream(.compressing)
        // Neither all alike nor at random.
        let plain = ByteBuffer(bytes: (0..<octets).map { UInt8(truncatingIfNeeded: $0 &* $0 / 7) })
        let first = try stream.compress(plain, Self.allocator)
        let second = try stream.compress(ByteBuffer(string: "more"), Self.allocator)
        var both = first
        both.writeImmutableBuffer(second)
        var wanted = plain
        wanted.writeString("more")
        for pieceOctets in [65_536, 1_000, 1] { #expect(try Self.expand(both, pieceOctets: pieceOctets) == wanted) }
        // Each flush can be read without the next.
        #expect(try Self.expand(first) == plain)
    }

    @Test("Octets that are no DEFLATE stream are an error")
    func garbage() throws {
        #expect(throws: DeflateStream.Failure.self) { try Self.expand(ByteBuffer(repeating: 0xff, count: 100)) }
    }

    /// Counts what comes, and asks for more only when it is told to.
    private final class Taker: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        var octets = 0
        var largest = 0

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let count = unwrapInboundIn(data).readableBytes
            octets += count
            largest = max(largest, count)
        }
    }

    @Test("A small packet that stands for 64 MiB is expanded 64 KiB at a time, as it is asked for")
    func bomb() throws {
        let stream = try DeflateStream(.compressing)
        let size = 64 << 20
        let packet = try stream.compress(ByteBuffer(repeating: 0, count: size), Self.allocator)
        #expect(packet.readableBytes < size / 200)
        let channel = EmbeddedChannel()
        let taker = Taker()
        try channel.pipeline.syncOperations.addHandlers(try CompressionHandler(), taker)
        try channel.writeInbound(packet)
        #expect(taker.octets <= 65_536)
        for turn in 2...10 {
            channel.read()
            channel.embeddedEventLoop.run()
            #expect(taker.octets <= 65_536 * turn)
        }
        while taker.octets < size {
            let before = taker.octets
            channel.read()
            channel.embeddedEventLoop.run()
            try #require(taker.octets > before)
        }
        #expect(taker.octets == size)
        #expect(taker.largest <= 65_536)
        _ = try channel.finish(acceptAlreadyClosed: true)
    }

    @Test("A stream that is broken closes the connection")
    func broken() throws {
        let channel = EmbeddedChannel()
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        try channel.pipeline.syncOperations.addHandlers(try CompressionHandler(), Taker())
        try channel.writeInbound(ByteBuffer(repeating: 0xff, count: 100))
        #expect(!channel.isActive)
        _ = try channel.finish(acceptAlreadyClosed: true)
    }

    @Test("What is written goes out compressed, with its promise")
    func writes() throws {
        let channel = EmbeddedChannel()
        try channel.pipeline.syncOperations.addHandlers(try CompressionHandler(), Taker())
        let text = ByteBuffer(string: String(repeating: "* 1 FETCH (FLAGS ())\r\n", count: 1_000))
        try channel.writeOutbound(text)
        let sent = try #require(try channel.readOutbound(as: ByteBuffer.self))
        #expect(sent.readableBytes < text.readableBytes / 20)
        #expect(try Self.expand(sent) == text)
        _ = try channel.finish(acceptAlreadyClosed: true)
    }
}
