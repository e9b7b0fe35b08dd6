import MailCore
import NIOCore
import Observation

/// Waits for what a proxy says of the client, then serves the client.
///
/// A connection without such a header, or none within ten seconds, is closed without a word: it came from where only proxies
/// are, and whom it is from is not known.
final class ProxyHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    static let headerSeconds: Int64 = 10

    private let serve: (SocketEndpoint?) throws -> Void
    private var input = ByteBuffer()
    private var timer: Scheduled<Void>?
    private var isDone = false

    /// - Parameter serve: adds the handlers that serve the client; nil: the proxy itself.
    init(serve: @escaping (SocketEndpoint?) throws -> Void) { self.serve = serve }

    func channelActive(context: ChannelHandlerContext) {
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(in: .seconds(Self.headerSeconds)) { bound.value.close(promise: nil) }
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDone else { return context.fireChannelRead(data) }
        var part = unwrapInboundIn(data)
        input.writeBuffer(&part)
        switch ProxyHeader.read(&input) {
        case .incomplete: break
        case .invalid:
            TransportCounters.failed.increment()
            isDone = true
            context.close(promise: nil)
        case .client(let endpoint): begin(endpoint, context)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if isDone { context.fireChannelReadComplete() } else { context.read() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        context.fireChannelInactive()
    }

    private func begin(_ endpoint: SocketEndpoint?, _ context: ChannelHandlerContext) {
        isDone = true
        timer?.cancel()
        do {
            try serve(endpoint)
        } catch {
            return context.close(promise: nil)
        }
        context.fireChannelActive()
        // What stood behind the header is the client's.
        if input.readableBytes > 0 {
            context.fireChannelRead(wrapInboundOut(input))
            input = ByteBuffer()
        }
    }
}
