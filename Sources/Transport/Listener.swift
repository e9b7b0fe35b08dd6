public import MailCore
import NIOCore
import NIOPosix
import NIOSSL
import Observation
import Synchronization

/// One port that is listened on, and the connections that came in by it.
public final class Listener: Sendable {
    public struct Options: Sendable {
        /// An address of this machine, or "0.0.0.0" or "::" for all.
        public var host: String
        /// 0 lets the system choose; `Listener.port` tells.
        public var port: Int
        /// TLS from the first octet.
        public var isImplicitTLS: Bool
        /// Needed for implicit TLS and for STARTTLS.
        public var tls: TLSContexts?
        public var admission: Admission
        /// Said in clear to a connection that is not admitted ("421 …"), with its CR LF.
        public var refusal: String
        /// Connections from here are proxies', and begin with what they say of their client (PROXY protocol, 1 or 2).
        public var proxies: [IPNetwork]

        public init(
            host: String, port: Int, isImplicitTLS: Bool = false, tls: TLSContexts?, admission: Admission,
            refusal: String, proxies: [IPNetwork] = []
        ) {
            self.host = host
            self.port = port
            self.isImplicitTLS = isImplicitTLS
            self.tls = tls
            self.admission = admission
            self.refusal = refusal
            self.proxies = proxies
        }
    }

    /// Why a port cannot be listened on.
    public struct Failure: Error, Sendable {
        public var host: String
        public var port: Int
        public var diagnostic: String

        public init(host: String, port: Int, diagnostic: String) {
            self.host = host
            self.port = port
            self.diagnostic = diagnostic
        }
    }

    /// The port, also when the system chose it.
    public let port: Int
    private let channel: any Channel
    private let open: OpenConnections

    private init(channel: any Channel, open: OpenConnections) {
        self.channel = channel
        self.open = open
        port = channel.localAddress?.port ?? 0
    }

    /// Binds and serves.
    public static func start<Served: Session>(
        _ options: Options, on loops: EventLoops, serving factory: SessionFactory<Served>
    ) async throws(Failure) -> Listener {
        let open = OpenConnections()
        let bootstrap = ServerBootstrap(group: loops.group)
            .serverChannelOption(.backlog, value: TransportLimits.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.socketOption(.so_keepalive), value: 1)
            .childChannelOption(
                ChannelOptions.Types.SocketOption(level: .tcp, name: Self.tcpUserTimeout),
                value: SocketOptionValue(TransportLimits.unacknowledgedMilliseconds)
            )
            .childChannelOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 512, initial: 2_048, maximum: 65_536)
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try Self.initialize(channel, options, loops, open, factory)
                }
            }
        do {
            let channel = try await bootstrap.bind(host: options.host, port: options.port).get()
            return Listener(channel: channel, open: open)
        } catch {
            throw Failure(host: options.host, port: options.port, diagnostic: "\(error)")
        }
    }

    /// Takes no new connections, says goodbye on the open ones, and closes what is left after `withinSeconds`.
    public func stop(withinSeconds: Int) async {
        try? await channel.close().get()
        await open.shutDown(withinSeconds: withinSeconds)
    }

    /// Connections that are open now.
    public var connectionCount: Int { open.count }

    /// TCP_USER_TIMEOUT of linux/tcp.h, which NIO does not name.
    private static let tcpUserTimeout = NIOBSDSocket.Option(rawValue: 18)

    private static func initialize<Served: Session>(
        _ channel: any Channel, _ options: Options, _ loops: EventLoops, _ open: OpenConnections,
        _ factory: SessionFactory<Served>
    ) throws {
        TransportCounters.opened.increment()
        let remote = endpoint(channel.remoteAddress)
        guard let address = IPAddress(remote.host), options.proxies.contains(where: { $0.contains(address) }) else {
            return try serve(channel, remote, options, loops, open, factory)
        }
        try channel.pipeline.syncOperations.addHandler(
            ProxyHandler { client in try serve(channel, client ?? remote, options, loops, open, factory) })
    }

    /// Adds the handlers that serve a client, or turn it away.
    private static func serve<Served: Session>(
        _ channel: any Channel, _ remote: SocketEndpoint, _ options: Options, _ loops: EventLoops,
        _ open: OpenConnections, _ factory: SessionFactory<Served>
    ) throws {
        let pipeline = channel.pipeline.syncOperations
        guard options.admission.enter(remote.host) else {
            TransportCounters.refused.increment()
            return try pipeline.addHandler(RefusalHandler(options.isImplicitTLS ? "" : options.refusal))
        }
        channel.closeFuture.whenComplete { _ in options.admission.leave(remote.host) }
        let current = options.isImplicitTLS ? options.tls?.current : nil
        if let current { try pipeline.addHandler(NIOSSLServerHandler(context: current.context)) }
        let facts = ConnectionFacts(
            identifier: loops.nextIdentifier(), local: endpoint(channel.localAddress), remote: remote)
        let waker = ConnectionWaker()
        let (engine, session) = factory.make(facts, waker)
        let handler = ConnectionHandler(
            engine: engine, session: session, waker: waker, tls: options.tls, isImplicitTLS: options.isImplicitTLS,
            endPoint: current?.endPoint, executor: loops.executor(of: channel.eventLoop))
        try pipeline.addHandler(handler)
        let context = try pipeline.context(handler: handler)
        let bound = NIOLoopBound((handler, context), eventLoop: channel.eventLoop)
        let loop = channel.eventLoop
        open.add(channel) { loop.execute { bound.value.0.shutDown(bound.value.1) } }
    }

    private static func endpoint(_ address: SocketAddress?) -> SocketEndpoint {
        let host = address?.ipAddress ?? "unknown"
        let plain = host.hasPrefix("::ffff:") && host.contains(".") ? String(host.dropFirst(7)) : host
        return SocketEndpoint(host: plain, port: address?.port ?? 0)
    }
}
