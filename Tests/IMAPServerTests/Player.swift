import IMAP
import MailCore
import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import IMAPServer
@testable import Transport

/// One connection without a network: the engine and the session that performs its requests, driven by hand.
final class Connection {
    private var engine: IMAP.ServerSession
    private let session: MailboxSession
    private let waker = ConnectionWaker()
    private let wakes = Wakes()
    private let channel = NIOAsyncTestingChannel()
    private let responses: ResponseStream
    private var input = ByteBuffer()
    private(set) var isClosed = false

    final class Wakes: Sendable {
        let count = Atomic<Int>(0)
    }

    init(_ services: Services, _ configuration: IMAP.ServerConfiguration, identifier: String) {
        let endpoint = SocketEndpoint(host: "127.0.0.1", port: 143)
        let facts = ConnectionFacts(identifier: identifier, local: endpoint, remote: endpoint)
        engine = IMAP.ServerSession(configuration, hasTLS: false)
        session = MailboxSession(
            services: services, facts: facts, waker: waker, messageOctetsMax: configuration.messageOctetsMax)
        responses = ResponseStream(channel: channel)
        let wakes = wakes
        waker.connect { wakes.count.wrappingAdd(1, ordering: .acquiringAndReleasing) }
    }

    func start() async throws -> String {
        var output = ByteBuffer()
        engine.start(into: &output)
        return try await run(output)
    }

    func say(_ octets: String) async throws -> String {
        input.writeString(octets)
        return try await run(ByteBuffer())
    }

    /// Nobody woke the session in all this time.
    struct NotWoken: Error, CustomStringConvertible {
        var description: String { "the session was not woken within \(Connection.wakeWithin)" }
    }

    static let wakeWithin = Duration.seconds(60)

    /// Waits until the session is woken, and lets it tell why.
    func awaitWake() async throws -> String {
        let end = ContinuousClock.now + Self.wakeWithin
        while wakes.count.load(ordering: .acquiring) == 0 {
            guard ContinuousClock.now < end else { throw NotWoken() }
            await Task.yield()
        }
        wakes.count.store(0, ordering: .releasing)
        waker.taken()
        var output = ByteBuffer()
        engine.handle(.woken, into: &output)
        return try await run(output)
    }

    func close() async {
        responses.close()
        await session.closed()
    }

    private func run(_ start: ByteBuffer) async throws -> String {
        var output = start
        var all = ByteBuffer()
        while true {
            switch engine.advance(&input, into: &output) {
            case .perform(let request):
                responses.hold(output)
                let answer = await session.perform(request, responses)
                while let sent = try await channel.readOutbound(as: ByteBuffer.self) { all.writeImmutableBuffer(sent) }
                output = responses.takeRest()
                engine.resume(with: answer, into: &output)
            case .needsInput:
                all.writeImmutableBuffer(output)
                return String(buffer: all)
            case .close, .startTLS, .compress:
                isClosed = true
                all.writeImmutableBuffer(output)
                return String(buffer: all)
            }
        }
    }
}

/// A dialogue of one or more clients with servers on one store. Its lines:
///
///     # text         a comment
///     O: word n      a setting, before all else: memory-max, spool
///     C: text        a client's line; CR LF is added; {{name}} stands for a sample as non-synchronising literal, and
///                    {{validity}} for the last UIDVALIDITY that any client was told
///     S: text        the server's line
///     W:             the server has something to tell although the client said nothing
///
/// `C2:`, `S2:` and `W2:` are another client's, and so on. A client's first line opens its connection and logs in as
/// ann, silently; `L: text` is said in place of that. UIDVALIDITY is written as V, in any code, and the words of
/// CAPABILITY as "…".
struct Dialogue {
    struct Turn {
        var client: Int
        /// Nil: it is woken.
        var said: String?
        var isLogin = false
        var expected: [String] = []
    }

    var configuration = IMAP.ServerConfiguration()
    var turns: [Turn] = []

    init(_ text: String) {
        configuration.allowsCleartextLogin = true
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard !line.hasPrefix("#"), parts.count == 2 else { continue }
            let value = String(parts[1].first == " " ? parts[1].dropFirst() : parts[1])
            let client = Int(parts[0].dropFirst()) ?? 1
            switch parts[0].first {
            case "O": set(value)
            case "C": turns.append(Turn(client: client, said: value))
            case "L": turns.append(Turn(client: client, said: value, isLogin: true))
            case "W": turns.append(Turn(client: client))
            case "S":
                if let last = turns.indices.last, turns[last].client == client {
                    turns[last].expected.append(value)
                } else {
                    Issue.record("nobody asked for: \(line)")
                }
            default: Issue.record("not a line of a dialogue: \(line)")
            }
        }
    }

    private mutating func set(_ option: String) {
        let words = option.split(separator: " ")
        let number = words.last.flatMap { Int($0) } ?? 0
        switch words.first {
        case "memory-max": configuration.memoryOctetsMax = number
        case "spool": configuration.spoolOctetsMax = number
        default: Issue.record("no such option: \(option)")
        }
    }

    /// Plays it; what was said, turn by turn.
    func play(_ services: Services) async throws -> [Turn] {
        var clients: [Int: Connection] = [:]
        var played: [Turn] = []
        var validity = ""
        for turn in turns {
            let connection: Connection
            if let known = clients[turn.client] {
                connection = known
            } else {
                connection = Connection(services, configuration, identifier: "c\(turn.client)")
                clients[turn.client] = connection
                _ = try await connection.start()
                if !turn.isLogin { _ = try await connection.say("login LOGIN ann@here.test secret\r\n") }
            }
            let output =
                if let said = turn.said {
                    try await connection.say(
                        Samples.filled(said.replacing("{{validity}}", with: validity)) + "\r\n")
                } else {
                    try await connection.awaitWake()
                }
            if let start = output.firstRange(of: "[UIDVALIDITY ")?.upperBound {
                validity = String(output[start...].prefix(while: \.isNumber))
            }
            var done = turn
            done.expected = Self.lines(output)
            played.append(done)
        }
        for client in clients.values { await client.close() }
        return played
    }

    private static func lines(_ output: String) -> [String] {
        var lines = output.replacing("\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init)
        if lines.last == "" { lines.removeLast() }
        return lines.map(withoutValidity)
    }

    private static func withoutValidity(_ line: String) -> String {
        var line = line
        for code in ["UIDVALIDITY ", "APPENDUID ", "COPYUID "] {
            guard let start = line.firstRange(of: code)?.upperBound else { continue }
            let end = line[start...].firstIndex { !$0.isNumber } ?? line.endIndex
            line.replaceSubrange(start..<end, with: "V")
        }
        if let start = line.firstRange(of: "[CAPABILITY ")?.upperBound, let end = line[start...].firstIndex(of: "]") {
            line.replaceSubrange(start..<end, with: "…")
        }
        return line
    }
}
