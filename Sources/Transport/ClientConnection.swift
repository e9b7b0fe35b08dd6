public import MailCore
public import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
import Synchronization

/// A connection that we open to another server. One task uses it at a time.
public final class ClientConnection: Sendable {
    public enum Failure: Error, Sendable, Equatable {
        /// No connection: refused, unreachable, or silent for too long.
        case notConnected(String)
        /// The peer was silent for as long as was allowed.
        case timedOut
        /// The peer closed, or the network failed.
        case closed
        case tls(String)
    }

    /// How the peer's certificate is judged.
    public enum Verification: Sendable {
        /// Opportunistic TLS (RFC 7435): any certificate is better than none.
        case none
        /// By the system's authorities, or by the PEM file named.
        case full(authorities: String?)
    }

    private let channel: any Channel
    private let inbox: Inbox

    private init(channel: any Channel, inbox: Inbox) {
        self.channel = channel
        self.inbox = inbox
    }

    /// - Parameters:
    ///   - host: an address, not a name: names are looked up by DNS.
    ///   - localHost: the source address, or nil for the system's choice.
    public static func connect(
        host: String, port: Int, from localHost: String? = nil, withinSeconds: Int, on loops: EventLoops
    ) async throws(Failure) -> ClientConnection {
        let inbox = Inbox()
        do {
            var bootstrap = ClientBootstrap(group: loops.group)
                .connectTimeout(.seconds(Int64(withinSeconds)))
                .channelOption(.autoRead, value: false)
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(InboxHandler(inbox))
                    }
                }
            if let localHost { bootstrap = bootstrap.bind(to: try SocketAddress(ipAddress: localHost, port: 0)) }
            let address = try SocketAddress(ipAddress: host, port: port)
            return ClientConnection(channel: try await bootstrap.connect(to: address).get(), inbox: inbox)
        } catch {
            throw .notConnected("\(error)")
        }
    }

    public var local: SocketEndpoint { Self.endpoint(channel.localAddress) }
    public var remote: SocketEndpoint { Self.endpoint(channel.remoteAddress) }

    /// Waits for octets; at least one.
    public func read(withinSeconds: Int) async throws(Failure) -> ByteBuffer {
        let inbox = inbox
        let timer = channel.eventLoop.scheduleTask(in: .seconds(Int64(withinSeconds))) { inbox.end(.timedOut) }
        defer { timer.cancel() }
        let channel = channel
        do {
            return try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { continuation in
                    if inbox.wait(continuation) { channel.read() }
                }
            } onCancel: {
                inbox.end(.closed)
            }
        } catch {
            throw error as? Failure ?? .closed
        }
    }

    /// Returns when the system has taken the octets.
    public func write(_ octets: ByteBuffer, withinSeconds: Int) async throws(Failure) {
        let channel = channel
        let timer = channel.eventLoop.scheduleTask(in: .seconds(Int64(withinSeconds))) { channel.close(promise: nil) }
        defer { timer.cancel() }
        do {
            try await channel.writeAndFlush(octets).get()
        } catch {
            throw .closed
        }
    }

    /// Begins TLS.
    ///
    /// - Parameter serverName: for SNI and, with `full`, what the certificate must name.
    public func startTLS(
        serverName: String, verification: Verification, withinSeconds: Int
    ) async throws(Failure) -> TLSFacts {
        do {
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.minimumTLSVersion = .tlsv12
            switch verification {
            case .none: configuration.certificateVerification = .none
            case .full(let authorities):
                configuration.certificateVerification = .fullVerification
                if let authorities { configuration.trustRoots = .file(authorities) }
            }
            let context = try NIOSSLContext(configuration: configuration)
            let channel = channel
            let timer = channel.eventLoop.scheduleTask(in: .seconds(Int64(withinSeconds))) { channel.close(promise: nil) }
            defer { timer.cancel() }
            let handshake = channel.eventLoop.makePromise(of: Void.self)
            inbox.expectHandshake(handshake)
            try await channel.eventLoop.submit {
                // An address literal is no server name (RFC 6066 §3).
                let handler: NIOSSLClientHandler
                if let named = try? NIOSSLClientHandler(context: context, serverHostname: serverName) {
                    handler = named
                } else {
                    handler = try NIOSSLClientHandler(context: context, serverHostname: nil)
                }
                try channel.pipeline.syncOperations.addHandler(handler, position: .first)
                channel.read()
            }.get()
            try await handshake.futureResult.get()
            let version = try await channel.nioSSL_tlsVersion().get()
            return TLSFacts(version: version == .tlsv13 ? "TLSv1.3" : "TLSv1.2", cipher: "")
        } catch {
            throw .tls("\(error)")
        }
    }

    public func close() async {
        try? await channel.close().get()
    }

    private static func endpoint(_ address: SocketAddress?) -> SocketEndpoint {
        SocketEndpoint(host: address?.ipAddress ?? "unknown", port: address?.port ?? 0)
    }
}

/// What came in, and who waits for it.
private final class Inbox: Sendable {
    private struct State {
        var octets = ByteBuffer()
        var ended: ClientConnection.Failure?
        var waiter: CheckedContinuation<ByteBuffer, any Error>?
        var handshake: EventLoopPromise<Void>?
    }

    private let state = Mutex(State())

    /// True when nothing was there and a read is due.
    func wait(_ continuation: CheckedContinuation<ByteBuffer, any Error>) -> Bool {
        let ready: Result<ByteBuffer, any Error>? = state.withLock { state in
            if state.octets.readableBytes > 0 {
                defer { state.octets = ByteBuffer() }
                return .success(state.octets)
            }
            if let ended = state.ended { return .failure(ended) }
            state.waiter = continuation
            return nil
        }
        guard let ready else { return true }
        continuation.resume(with: ready)
        return false
    }

    /// True while a reader still waits.
    func receive(_ part: ByteBuffer) {
        var part = part
        let waiter = state.withLock { state -> CheckedContinuation<ByteBuffer, any Error>? in
            guard let waiter = state.waiter else {
                state.octets.writeBuffer(&part)
                return nil
            }
            state.waiter = nil
            return waiter
        }
        waiter?.resume(returning: part)
    }

    var isAwaited: Bool { state.withLock { $0.waiter != nil || $0.handshake != nil } }

    func end(_ failure: ClientConnection.Failure) {
        let (waiter, handshake) = state.withLock { state in
            if state.ended == nil { state.ended = failure }
            defer {
                state.waiter = nil
                state.handshake = nil
            }
            return (state.waiter, state.handshake)
        }
        waiter?.resume(throwing: failure)
        handshake?.fail(failure)
    }

    func expectHandshake(_ promise: EventLoopPromise<Void>) {
        let ended = state.withLock { state in
            if state.ended == nil { state.handshake = promise }
            return state.ended
        }
        if let ended { promise.fail(ended) }
    }

    func handshakeDone() {
        let handshake = state.withLock { state in
            defer { state.handshake = nil }
            return state.handshake
        }
        handshake?.succeed()
    }

    func handshakeFailed(_ error: any Error) {
        let handshake = state.withLock { state in
            defer { state.handshake = nil }
            return state.handshake
        }
        handshake?.fail(error)
    }
}

private final class InboxHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let inbox: Inbox

    init(_ inbox: Inbox) { self.inbox = inbox }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { inbox.receive(unwrapInboundIn(data)) }

    func channelReadComplete(context: ChannelHandlerContext) {
        if inbox.isAwaited { context.read() }
        context.fireChannelReadComplete()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted = event as? TLSUserEvent { inbox.handshakeDone() }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        inbox.handshakeFailed(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        inbox.end(.closed)
        context.fireChannelInactive()
    }
}
