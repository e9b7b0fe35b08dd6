import MailCore
import NIOCore
import NIOEmbedded
import POP3
import Testing

@testable import POP3Server
@testable import Transport

/// One connection without a socket: an engine, a session, and what the client was sent.
struct Player {
    let session: MaildropSession
    let responses: ResponseStream
    private let channel = NIOAsyncTestingChannel()
    private var engine: POP3.ServerSession
    private var input = ByteBuffer()
    private(set) var isClosed = false

    init(_ fixture: Fixture) {
        session = fixture.session()
        responses = ResponseStream(channel: channel)
        var configuration = POP3.Configuration(hostName: "here.test")
        configuration.allowsCleartextLogin = true
        engine = POP3.ServerSession(configuration: configuration, isTLSActive: true)
        var ignored = ByteBuffer()
        engine.start(into: &ignored)
    }

    /// Logged in as ann.
    static func loggedIn(_ fixture: Fixture) async throws -> Player {
        var player = Player(fixture)
        _ = try await player.say("USER ann@here.test", "PASS secret")
        return player
    }

    /// Sends lines in one piece; gives what the server says to them.
    mutating func say(_ lines: String...) async throws -> String { try await say(lines) }

    mutating func say(_ lines: [String]) async throws -> String { String(buffer: try await sayOctets(lines)) }

    mutating func sayOctets(_ lines: [String]) async throws -> ByteBuffer {
        input.writeString(lines.joined(separator: "\r\n") + "\r\n")
        var said = ByteBuffer()
        var output = ByteBuffer()
        var requests = 0
        while true {
            requests += 1
            try #require(requests < 10_000, "An engine and a session that ask each other for ever")
            let step = engine.advance(&input, into: &output)
            switch step {
            case .perform(let request):
                responses.hold(output)
                let answer = await session.perform(request, responses)
                while var sent = try await channel.readOutbound(as: ByteBuffer.self) { said.writeBuffer(&sent) }
                output = responses.takeRest()
                engine.resume(with: answer, into: &output)
            case .needsInput:
                said.writeImmutableBuffer(output)
                return said
            case .startTLS, .compress, .close:
                said.writeImmutableBuffer(output)
                isClosed = true
                return said
            }
        }
    }
}
