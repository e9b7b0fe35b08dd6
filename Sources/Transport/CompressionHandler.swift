import NIOCore
import Observation

/// Between TLS and the connection's handler once both sides compress (RFC 4978). Runs on the channel's event loop.
///
/// What a client sends is expanded 64 KiB at a time, and the next piece only when it is asked for: a small packet that
/// stands for gigabytes takes no more memory than any other.
final class CompressionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    static let pieceOctets = 65_536

    private let outgoing: DeflateStream
    private let incoming: DeflateStream
    /// Came and was not expanded yet.
    private var input = ByteBuffer()
    private var isPieceScheduled = false

    init() throws {
        outgoing = try DeflateStream(.compressing)
        incoming = try DeflateStream(.expanding)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var part = unwrapInboundIn(data)
        input.writeBuffer(&part)
        deliver(context)
    }

    func read(context: ChannelHandlerContext) {
        guard hasMore else { return context.read() }
        // Not at once: whoever asks is often in the midst of the piece before.
        guard !isPieceScheduled else { return }
        isPieceScheduled = true
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.eventLoop.execute {
            let (handler, context) = bound.value
            handler.isPieceScheduled = false
            handler.deliver(context)
            context.fireChannelReadComplete()
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let plain = unwrapOutboundIn(data)
        guard plain.readableBytes > 0 else { return context.write(data, promise: promise) }
        do {
            let octets = try outgoing.compress(plain, context.channel.allocator)
            context.write(wrapOutboundOut(octets), promise: promise)
        } catch {
            promise?.fail(error)
            context.close(promise: nil)
        }
    }

    private var hasMore: Bool { input.readableBytes > 0 || incoming.isFull }

    private func deliver(_ context: ChannelHandlerContext) {
        guard hasMore else { return }
        do {
            let piece = try incoming.expand(
                &input, octetsMax: Self.pieceOctets, context.channel.allocator)
            if input.readableBytes == 0 { input = ByteBuffer() } else { input.discardReadBytes() }
            if piece.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(piece)) }
        } catch {
            TransportCounters.failed.increment()
            context.close(promise: nil)
        }
    }
}
