public import MailCore
public import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A connection that we open to another server. One task uses it at a time; when that is cancelled the connection
/// closes, and what it waits for fails at once.
public final class ClientConnection: Sendable {
    public enum Failure: Error, Sendable, Equatable {
        /// No connection: refused, unreachable, or silent for too long.
        case notConnected(String)
        /// The peer was silent for as long as was allowed; the connection is still open.
        case timedOut
        /// The peer closed, took nothing for too long, or the network failed.
        case closed
        case tls(String)
    }

    /// How the peer's certificate is judged.
    public enum Verification: Sendable {
        /// Opportunistic TLS (RFC 7435): any certificate is better than none.
        case none
        /// By the system's authorities, and by those of the PEM file named.
        case full(authorities: String?)
        /// By the caller, who is given the server's certificates as DER, its own first.
        case judged(by: @Sendable ([[UInt8]]) -> Bool)
    }

    private let channel: any Channel
    private let inbox: ClientInbox

    private init(channel: any Channel, inbox: ClientInbox) {
        self.channel = channel
        self.inbox = inbox
    }

    /// On the loop that the calling task prefers, if it does.
    ///
    /// - Parameters:
    ///   - host: an address, not a name: names are looked up by DNS.
    ///   - localHost: the source address, or nil for the system's choice.
    public static func connect(
        host: String, port: Int, from localHost: String? = nil, withinSeconds: Int, on loops: EventLoops
    ) async throws(Failure) -> ClientConnection {
        let inbox = ClientInbox()
        do {
            let address = try SocketAddress(ipAddress: host, port: port)
            let group: any EventLoopGroup = loops.loopOfTask() ?? loops.group
            var bootstrap = ClientBootstrap(group: group)
                .connectTimeout(.seconds(Int64(withinSeconds)))
                .channelOption(.autoRead, value: false)
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelInitializer { channel in
                    inbox.opened(channel)
                    return channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(ClientInboxHandler(inbox))
                    }
                }
            if let localHost { bootstrap = bootstrap.bind(to: try SocketAddress(ipAddress: localHost, port: 0)) }
            let connecting = bootstrap.connect(to: address)
            let channel = try await withTaskCancellationHandler {
                try await connecting.get()
            } onCancel: {
                inbox.cancel()
            }
            return ClientConnection(channel: channel, inbox: inbox)
        } catch {
            throw .notConnected(Self.whyNotConnected(error))
        }
    }

    public var local: SocketEndpoint { Self.endpoint(channel.localAddress) }
    public var remote: SocketEndpoint { Self.endpoint(channel.remoteAddress) }

    /// Waits for octets; at least one.
    public func read(withinSeconds: Int) async throws(Failure) -> ByteBuffer {
        let (inbox, channel) = (inbox, channel)
        let number = inbox.beginRead()
        let timer = channel.eventLoop.scheduleTask(in: .seconds(Int64(withinSeconds))) { inbox.timeOut(read: number) }
        defer { timer.cancel() }
        do {
            return try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { continuation in
                    if inbox.wait(continuation) { channel.read() }
                }
            } onCancel: {
                inbox.cancel()
            }
        } catch {
            throw error as? Failure ?? .closed
        }
    }

    /// Returns when the system has taken the octets. A peer that takes them not all within the time is cut off.
    public func write(_ octets: ByteBuffer, withinSeconds: Int) async throws(Failure) {
        do {
            try await untilClosed(withinSeconds: withinSeconds) { try await self.channel.writeAndFlush(octets).get() }
        } catch {
            throw .closed
        }
    }

    /// Begins TLS. Whatever it throws, the connection is of no more use.
    ///
    /// - Parameter serverName: for SNI and, with `full`, what the certificate must name.
    public func startTLS(
        serverName: String, verification: Verification, withinSeconds: Int
    ) async throws(Failure) -> TLSFacts {
        do {
            let context = try Self.context(verification)
            let (inbox, channel) = (inbox, channel)
            try await untilClosed(withinSeconds: withinSeconds) {
                let handshake = channel.eventLoop.makePromise(of: Void.self)
                inbox.expectHandshake(handshake)
                channel.eventLoop.execute {
                    do {
                        let handler = try Self.handler(context, serverName, verification)
                        try channel.pipeline.syncOperations.addHandler(handler, position: .first)
                        channel.read()
                    } catch {
                        inbox.endHandshake(.failure(error))
                    }
                }
                try await handshake.futureResult.get()
            }
            let version = try await channel.nioSSL_tlsVersion().get()
            return TLSFacts(version: version == .tlsv13 ? "TLSv1.3" : "TLSv1.2", cipher: "")
        } catch {
            throw .tls(Self.whyNoTLS(error, serverName))
        }
    }

    public func close() async {
        try? await channel.close().get()
    }

    /// Closes the connection when `body` has not ended in time, or its task is cancelled: that ends what it waits for.
    private func untilClosed(withinSeconds: Int, _ body: () async throws -> Void) async throws {
        let (inbox, channel) = (inbox, channel)
        let timer = channel.eventLoop.scheduleTask(in: .seconds(Int64(withinSeconds))) { channel.close(promise: nil) }
        defer { timer.cancel() }
        try await withTaskCancellationHandler {
            try await body()
        } onCancel: {
            inbox.cancel()
        }
    }

    /// Without verification all connections share one: a context is costly to make.
    private static let unverified = Result {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.certificateVerification = .none
        return try NIOSSLContext(configuration: configuration)
    }

    /// What the caller judges is still asked for.
    private static let judged = Result {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.certificateVerification = .noHostnameVerification
        return try NIOSSLContext(configuration: configuration)
    }

    /// By the system's authorities; to read them takes long.
    private static let verified = Result { try makeVerified(authorities: nil) }

    private static func context(_ verification: Verification) throws -> NIOSSLContext {
        switch verification {
        case .none: try unverified.get()
        case .judged: try judged.get()
        case .full(nil): try verified.get()
        case .full(let authorities?):
            try verifiedWith.withLock { $0[authorities] } ?? makeVerified(authorities: authorities)
        }
    }

    /// By those and by those of a file. An operator names one or none, so that this stays small.
    private static let verifiedWith = Mutex<[String: NIOSSLContext]>([:])

    /// Reads a PEM file of authorities for `Verification.full`; it is not read again.
    ///
    /// - Throws: why it cannot be used.
    public static func trust(authorities: String) throws {
        let context = try makeVerified(authorities: authorities)
        verifiedWith.withLock { $0[authorities] = context }
    }

    private static func makeVerified(authorities: String?) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.certificateVerification = .fullVerification
        if let authorities {
            configuration.additionalTrustRoots = [.certificates(try NIOSSLCertificate.fromPEMFile(authorities))]
        }
        return try NIOSSLContext(configuration: configuration)
    }

    private static func handler(
        _ context: NIOSSLContext, _ serverName: String, _ verification: Verification
    ) throws -> NIOSSLClientHandler {
        // An address literal is no server name (RFC 6066 §3).
        let isAddress = (try? SocketAddress(ipAddress: serverName, port: 0)) != nil
        let name = isAddress ? nil : serverName
        guard case .judged(let judge) = verification else {
            return try NIOSSLClientHandler(context: context, serverHostname: name)
        }
        return try NIOSSLClientHandler(context: context, serverHostname: name) { certificates, promise in
            let chain = certificates.compactMap { try? $0.toDERBytes() }
            promise.succeed(chain.count == certificates.count && judge(chain) ? .certificateVerified : .failed)
        }
    }

    private static func endpoint(_ address: SocketAddress?) -> SocketEndpoint {
        SocketEndpoint(host: address?.ipAddress ?? "unknown", port: address?.port ?? 0)
    }
}
