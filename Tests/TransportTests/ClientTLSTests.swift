import Glibc
import MailCore
import NIOCore
import NIOPosix
import NIOSSL
import Testing

@testable import Transport

@Suite("TLS on a connection that we open", .timeLimit(.minutes(1))) struct ClientTLSTests {
    /// For mx.a.test, signed by itself; good for nothing but these tests.
    private static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBlTCCATugAwIBAgIUbyp0oA4RQ7suhYzg5RQwoh7N4QEwCgYIKoZIzj0EAwIw
        FDESMBAGA1UEAwwJbXguYS50ZXN0MCAXDTI2MTEyMzIyMzY1NVoYDzIxMjYxMDMw
        MjIzNjU1WjAUMRIwEAYDVQQDDAlteC5hLnRlc3QwWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAASdxJZJy0h6Qewhibnl29qRaoh1Y56A6nLKS/KDqPFBu6pmva2FpEle
        CmSw0EG36cz0Wgvh9VrHPk4lnSCqLxqPo2kwZzAdBgNVHQ4EFgQUQMmP1v4n9ZA7
        KeBXvhPpSGYKdgAwHwYDVR0jBBgwFoAUQMmP1v4n9ZA7KeBXvhPpSGYKdgAwDwYD
        VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglteC5hLnRlc3QwCgYIKoZIzj0EAwID
        SAAwRQIgSGKaBkVu0ARkwGP7HkAofLmt8OhTYvh5St1L59im9j4CIQC7CaeYrsUU
        SZ4p7HaMvVgTlyo665my5HM5YVShVqHhZA==
        -----END CERTIFICATE-----
        """

    private static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgulJmidkUDfv/pHUf
        BW7RGrlCyUQdw0Hh8FP50QsWpmehRANCAASdxJZJy0h6Qewhibnl29qRaoh1Y56A
        6nLKS/KDqPFBu6pmva2FpEleCmSw0EG36cz0Wgvh9VrHPk4lnSCqLxqP
        -----END PRIVATE KEY-----
        """

    /// Runs `body` with a connection to a server that speaks TLS at once and says back what it reads.
    private func with(_ body: (ClientConnection) async throws -> Void) async throws {
        let loops = EventLoops(threads: 1)
        let context = try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: [
                    .certificate(try NIOSSLCertificate(bytes: Array(Self.certificate.utf8), format: .pem))
                ],
                privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(Self.key.utf8), format: .pem))))
        let server = try await ServerBootstrap(group: loops.group)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers(NIOSSLServerHandler(context: context), SayBack())
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let connection = try await ClientConnection.connect(
            host: "127.0.0.1", port: server.localAddress?.port ?? 0, withinSeconds: 10, on: loops)
        try await body(connection)
        await connection.close()
        try await server.close()
        await loops.stop()
    }

    private func talk(_ connection: ClientConnection) async throws -> Int {
        try await connection.write(ByteBuffer(repeating: 120, count: 100_000), withinSeconds: 10)
        var count = 0
        while count < 100_000 { count += try await connection.read(withinSeconds: 10).readableBytes }
        return count
    }

    @Test("RFC 7435: any certificate will do for any name, an address too", arguments: ["mx.b.test", "127.0.0.1"])
    func opportunistic(name: String) async throws {
        try await with { connection in
            let facts = try await connection.startTLS(serverName: name, verification: .none, withinSeconds: 10)
            #expect(facts.version == "TLSv1.3")
            #expect(try await talk(connection) == 100_000)
        }
    }

    @Test(
        "With verification the name must be the certificate's", arguments: [("mx.a.test", true), ("mx.b.test", false)])
    func verified(name: String, isRight: Bool) async throws {
        let path = "/tmp/postino-authority-\(getpid())-\(name).pem"
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        _ = Self.certificate.utf8CString.withUnsafeBytes { write(file, $0.baseAddress, $0.count - 1) }
        Glibc.close(file)
        defer { unlink(path) }
        try await with { connection in
            do throws(ClientConnection.Failure) {
                _ = try await connection.startTLS(
                    serverName: name, verification: .full(authorities: path), withinSeconds: 10)
                #expect(isRight)
            } catch {
                #expect(!isRight)
                // What people read of it.
                #expect("\(error)" == "its certificate is not for mx.b.test")
            }
        }
    }
}

private final class SayBack: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.writeAndFlush(wrapOutboundOut(unwrapInboundIn(data)), promise: nil)
    }
}
