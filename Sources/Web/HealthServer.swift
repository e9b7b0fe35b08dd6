import NIOCore
import NIOHTTP1
import NIOPosix
import Observation
public import Transport

/// `/health` and `/metrics` over HTTP/1.1, for the machine's own supervision; not meant for the world.
public final class HealthServer: Sendable {
    public let port: Int
    private let channel: any Channel

    private init(channel: any Channel) {
        self.channel = channel
        port = channel.localAddress?.port ?? 0
    }

    /// - Parameter gauges: numbers of the moment, asked at each request: name, help, value.
    public static func start(
        host: String, port: Int, on loops: EventLoops,
        gauges: @escaping @Sendable () -> [(name: String, help: String, value: Int)]
    ) async throws(Listener.Failure) -> HealthServer {
        let bootstrap = ServerBootstrap(group: loops.group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
                    try channel.pipeline.syncOperations.addHandler(HealthHandler(gauges: gauges))
                }
            }
        do {
            return HealthServer(channel: try await bootstrap.bind(host: host, port: port).get())
        } catch {
            throw Listener.Failure(host: host, port: port, diagnostic: "\(error)")
        }
    }

    public func stop() async { try? await channel.close().get() }
}

private final class HealthHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let gauges: @Sendable () -> [(name: String, help: String, value: Int)]
    private var head: HTTPRequestHead?
    private var timer: Scheduled<Void>?

    init(gauges: @escaping @Sendable () -> [(name: String, help: String, value: Int)]) { self.gauges = gauges }

    func channelActive(context: ChannelHandlerContext) {
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        // One request or none: nobody keeps a connection to this port.
        timer = context.eventLoop.scheduleTask(in: .seconds(30)) { bound.value.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body: break
        case .end: answer(context)
        }
    }

    private func answer(_ context: ChannelHandlerContext) {
        let path = head?.uri.split(separator: "?", maxSplits: 1).first.map(String.init) ?? "/"
        switch (head?.method, path) {
        case (.GET, "/health"), (.HEAD, "/health"): say(.ok, "ok\n", context)
        case (.GET, "/metrics"): say(.ok, metrics(), context)
        case (.GET, _), (.HEAD, _): say(.notFound, "There are /health and /metrics here.\n", context)
        default: say(.methodNotAllowed, "Only GET.\n", context)
        }
    }

    /// The text format of Prometheus, version 0.0.4.
    private func metrics() -> String {
        var text = ""
        for (kind, numbers) in [("counter", Counter.snapshot()), ("gauge", gauges())] {
            for number in numbers {
                text += "# HELP \(number.name) \(number.help)\n# TYPE \(number.name) \(kind)\n"
                text += "\(number.name) \(number.value)\n"
            }
        }
        return text
    }

    private func say(_ status: HTTPResponseStatus, _ text: String, _ context: ChannelHandlerContext) {
        var headers = HTTPHeaders()
        headers.add(name: "Content-Type", value: "text/plain; version=0.0.4; charset=utf-8")
        headers.add(name: "Content-Length", value: String(text.utf8.count))
        headers.add(name: "Connection", value: "close")
        context.write(
            wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))), promise: nil)
        if head?.method != .HEAD {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
        }
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in bound.value.close(promise: nil) }
    }
}
