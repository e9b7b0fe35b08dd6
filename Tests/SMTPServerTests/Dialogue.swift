import MailCore
import NIOCore
import SMTP
import Testing

@testable import SMTPServer

/// A client's lines, said to an engine and its session without a socket: from any address, with or without a login.
enum Dialogue {
    /// RFC 4616 §2, in Base64, with the password "secret".
    private static let logins = [
        "ann@example.test": "AGFubkBleGFtcGxlLnRlc3QAc2VjcmV0",
        "bob@example.test": "AGJvYkBleGFtcGxlLnRlc3QAc2VjcmV0",
    ]

    /// - Parameter login: logs in with the password "secret" first, under TLS.
    /// - Returns: what the server said behind its greeting, its hello and the login.
    static func play(
        _ services: Services, as role: SMTP.ServerConfiguration.Role = .exchange, from host: String = "192.0.2.7",
        login: String? = nil, _ text: String
    ) async -> [String] {
        await octets(services, as: role, from: host, login: login, text.replacing("\n", with: "\r\n"))
    }

    /// The same, of octets as they stand.
    static func octets(
        _ services: Services, as role: SMTP.ServerConfiguration.Role = .exchange, from host: String = "192.0.2.7",
        login: String? = nil, _ text: String
    ) async -> [String] {
        let facts = ConnectionFacts(
            identifier: "t1", local: SocketEndpoint(host: "192.0.2.1", port: 25),
            remote: SocketEndpoint(host: host, port: 4_000))
        let session = MailSession(services: services, role: role, facts: facts)
        var engine = ServerSession(
            ServerConfiguration(role: role, hostname: "mx.example.test"),
            tls: login == nil ? nil : TLSFacts(version: "TLSv1.3", cipher: ""))
        var output = ByteBuffer()
        engine.start(into: &output)
        var opening = role == .lmtp ? "LHLO c.test\r\n" : "HELO c.test\r\n"
        if let login {
            opening += "AUTH PLAIN \(logins[login] ?? "")\r\n"
        }
        await feed(opening, &engine, session, &output)
        output.clear()
        await feed(text, &engine, session, &output)
        await session.closed()
        return String(buffer: output).split(separator: "\r\n").map(String.init)
    }

    /// A whole message; what was said to its end comes back.
    static func send(
        _ services: Services, as role: SMTP.ServerConfiguration.Role = .exchange, from host: String = "192.0.2.7",
        login: String? = nil, sender: String, to recipients: [String], _ message: String
    ) async -> String {
        let recipients = recipients.map { "RCPT TO:<\($0)>\n" }.joined()
        let said = await play(
            services, as: role, from: host, login: login, "MAIL FROM:<\(sender)>\n\(recipients)DATA\n\(message)\n.\n")
        return said.last ?? ""
    }

    private static func feed(
        _ text: String, _ engine: inout ServerSession, _ session: MailSession, _ output: inout ByteBuffer
    ) async {
        var input = ByteBuffer(string: text)
        while case .perform(let request) = engine.advance(&input, into: &output) {
            engine.resume(with: await session.answer(to: request), into: &output)
        }
    }
}

extension Bed {
    static func with(_ body: (Bed) async throws -> Void) async throws {
        let bed = try await Bed()
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body(bed))
        } catch {
            outcome = .failure(error)
        }
        await bed.close()
        try outcome.get()
    }

    func address(_ text: String) throws -> EmailAddress { try #require(EmailAddress(text)) }
}
