import MailCore
import NIOCore
import Testing

@testable import IMAP

/// A dialogue in a file. Its lines:
///
///     # text        a comment
///     O: word       a setting, before all else; see `Player.set`
///     C: text       the client's line; CR LF is added
///     c: text       the client's octets without CR LF; \r, \n, \0 and \\ are understood
///     S: text       the server's line
///     U: text       a line that the server streams while it performs the next request; part of its output as S is
///     A: case = x   the next request must be this case of `ServerSession.Request`; the server answers x:
///                   ok, no, bad (with [CODE] and text), continued, authenticated, keys, selected rw, selected ro, closed,
///                   ended TEXT
///     E: event      woken, timedOut, tlsStarted, tlsBound (something to tie to is known) or shuttingDown
///     T: step       close or startTLS: the step that the session is at
///
/// What CAPABILITY says in every state is written as "…".
///
/// All that the server says, S and U in their order, must be exactly what the session and the answerer wrote.
struct Transcript {
    enum Line: Equatable {
        case client(String)
        case event(ConnectionEvent)
        case step(String)
        case server
    }

    var options: [String] = []
    var lines: [Line] = []
    /// The answers with what is streamed before each.
    var answers: [(streamed: [String], request: String, answer: String)] = []
    var output: [String] = []

    init(_ text: String) {
        var streamed: [String] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: true) where !line.hasPrefix("#") {
            let value = String(line.dropFirst(3))
            switch line.prefix(2) {
            case "O:": options.append(value)
            case "C:": lines.append(.client(value + "\r\n"))
            case "c:": lines.append(.client(Self.unescaped(value)))
            case "S:":
                lines.append(.server)
                output.append(value)
            case "U:":
                streamed.append(value)
                output.append(value)
            case "A:":
                let parts = value.split(separator: " = ", maxSplits: 1).map(String.init)
                guard parts.count == 2 else { fallthrough }
                answers.append((streamed, parts[0], parts[1]))
                streamed = []
            case "E:": lines.append(.event(Self.event(value)))
            case "T:": lines.append(.step(value))
            default: Issue.record("not a line of a transcript: \(line)")
            }
        }
    }

    static func event(_ name: String) -> ConnectionEvent {
        switch name {
        case "woken": return .woken
        case "timedOut": return .timedOut
        case "tlsStarted": return .tlsStarted(TLSFacts(version: "TLSv1.3", cipher: ""))
        case "tlsBound":
            return .tlsStarted(TLSFacts(version: "TLSv1.3", cipher: "", endPoint: Array(0..<32)))
        case "shuttingDown": return .shuttingDown
        default:
            Issue.record("no such event: \(name)")
            return .woken
        }
    }

    static func unescaped(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        while let character = rest.popFirst() {
            guard character == "\\", let escaped = rest.popFirst() else {
                result.append(character)
                continue
            }
            switch escaped {
            case "r": result.unicodeScalars.append("\r")
            case "n": result.unicodeScalars.append("\n")
            case "0": result.unicodeScalars.append("\0")
            default: result.append(escaped)
            }
        }
        return result
    }
}

/// Plays a transcript against a session.
struct Player {
    var session: ServerSession
    var input = ByteBuffer()
    var output = ByteBuffer()
    var answers: [(streamed: [String], request: String, answer: String)]
    var step = ""

    /// What was written, line by line; a difference between this and the transcript is the failure.
    static func play(_ transcript: Transcript, octetsAtOnce: Int) -> [String] {
        var player = Player(transcript)
        var sent: [UInt8] = []
        for line in transcript.lines {
            if case .client(let text) = line {
                sent += Array(text.utf8)
                continue
            }
            player.feed(&sent, octetsAtOnce)
            switch line {
            case .event(let event):
                player.session.handle(event, into: &player.output)
                player.run()
            case .step(let name): #expect(player.step == name)
            case .client, .server: break
            }
        }
        player.feed(&sent, octetsAtOnce)
        #expect(player.answers.isEmpty, "requests that never came")
        let said = String(buffer: player.output).replacing(
            Capability.common(player.session.configuration).joined(separator: " "), with: "…")
        var lines = said.split(separator: "\r\n", omittingEmptySubsequences: false).map(
            String.init)
        #expect(lines.last == "", "the last line has no end")
        lines.removeLast()
        return lines
    }

    init(_ transcript: Transcript) {
        var configuration = ServerConfiguration()
        var state = ServerSession.State.notAuthenticated
        var hasTLS = true
        for option in transcript.options { Self.set(option, &configuration, &state, &hasTLS) }
        session = ServerSession(configuration, hasTLS: hasTLS)
        session.state = state
        answers = transcript.answers
        if state == .notAuthenticated { session.start(into: &output) }
        run()
    }

    static func set(
        _ option: String, _ configuration: inout ServerConfiguration, _ state: inout ServerSession.State,
        _ hasTLS: inout Bool
    ) {
        let words = option.split(separator: " ").map(String.init)
        let number = words.last.flatMap { Int($0) } ?? 0
        switch words[0] {
        case "clear": hasTLS = false
        case "compression": configuration.offersCompression = true
        case "scram": configuration.offersSCRAM = true
        case "cleartext-login": configuration.allowsCleartextLogin = true
        case "authenticated": state = .authenticated
        case "selected": state = .selected(readOnly: false)
        case "read-only": state = .selected(readOnly: true)
        case "message-max": configuration.messageOctetsMax = number
        case "memory-max": configuration.memoryOctetsMax = number
        case "spool": configuration.spoolOctetsMax = number
        case "swallow": configuration.swallowOctetsMax = number
        case "bad-max": configuration.badCommandsMax = number
        case "failures-max": configuration.authenticationFailuresMax = number
        case "keep-alive": configuration.idleKeepAliveSeconds = number
        case "autologout": configuration.autologoutSeconds = number
        default: Issue.record("no such option: \(option)")
        }
    }

    mutating func feed(_ octets: inout [UInt8], _ octetsAtOnce: Int) {
        var rest = octets[...]
        octets = []
        while !rest.isEmpty {
            input.writeBytes(rest.prefix(octetsAtOnce))
            rest = rest.dropFirst(octetsAtOnce)
            run()
        }
    }

    mutating func run() {
        while true {
            switch session.advance(&input, into: &output) {
            case .needsInput(let seconds):
                #expect(seconds > 0)
                step = "needsInput"
                return
            case .startTLS:
                step = "startTLS"
                return
            case .compress: step = "compress"
            case .close:
                step = "close"
                return
            case .perform(let request): answer(request)
            }
        }
    }

    mutating func answer(_ request: ServerSession.Request) {
        let name = String(String(describing: request).prefix { $0 != "(" })
        guard !answers.isEmpty else {
            Issue.record("nobody answers \(request)")
            session.resume(with: .ended(nil, "no answer"), into: &output)
            return
        }
        let (streamed, wanted, text) = answers.removeFirst()
        #expect(name == wanted)
        for line in streamed { output.writeString(line + "\r\n") }
        session.resume(with: Self.answer(text), into: &output)
    }

    static func answer(_ text: String) -> ServerSession.Answer {
        var words = text.split(separator: " ").map(String.init)[...]
        switch words.popFirst() {
        case "continued": return .continued
        case "authenticated": return .authenticated
        case "keys": return .keys(exampleOffer)
        case "selected": return .selected(readOnly: words.first == "ro")
        case "closed": return .closed
        case "ended": return .ended(nil, words.joined(separator: " "))
        case "ok": return .done(completion(.ok, words))
        case "no": return .done(completion(.no, words))
        case "bad": return .done(completion(.bad, words))
        default:
            Issue.record("no such answer: \(text)")
            return .continued
        }
    }

    static func completion(_ status: Completion.Status, _ words: ArraySlice<String>) -> Completion {
        var words = words
        var code: ResponseCode?
        if let first = words.first, first.hasPrefix("[") {
            words.removeFirst()
            switch first {
            case "[TRYCREATE]": code = .tryCreate
            case "[AUTHENTICATIONFAILED]": code = .authenticationFailed
            case "[OVERQUOTA]": code = .overQuota
            case "[NONEXISTENT]": code = .nonExistent
            case "[APPENDUIDS]":
                code = .appendUIDs(UIDValidity(rawValue: 38505), [UID(3955), UID(3956), UID(3957)])
            case "[METADATA":
                code = words.removeFirst() == "TOOMANY]" ? .metadataTooMany : .metadataLongEntries(2_199)
                if code != .metadataTooMany { words.removeFirst() }
            case "[NOTSAVED]": code = .notSaved
            case "[MODIFIED]": code = .modified([7...7, 9...9])
            case "[APPENDUID]": code = .appendUID(UIDValidity(rawValue: 38505), UID(3955))
            case "[COPYUID]":
                code = .copyUID(
                    UIDValidity(rawValue: 38505), source: [UID(304), UID(319), UID(320)],
                    destination: [UID(3956), UID(3957), UID(3958)])
            default: Issue.record("no such code: \(first)")
            }
        }
        return Completion(status, code, words.joined(separator: " "))
    }
}
