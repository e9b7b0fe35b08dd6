import Glibc
import MailCore
import NIOCore
import POP3
import SASL
import Testing

/// A dialogue in a file, a line for each thing that happens:
///
///     # a comment
///     O: tls, cleartext, no-tls: options of the session, in the first lines
///     C: what the client sends; CR LF is put behind it. Several in a row come in one piece.
///     C- the same without an end of line
///     S: a line that the server sends
///     R: what the server is asked to do, as `authenticate NAME PASSWORD`, `retrieve INDEX`, `top INDEX LINES`,
///        `uniqueIDs FIRST..<END`, `commit INDEX …`, `logout`. (`send` is carried out and not shown.)
///     A: what the server answers to it, as `maildrop SIZE …`, `done`, `uniqueIDs TEXT …`, `brokenOff`,
///        `failed REASON`, `body TEXT` (sent through a LineStuffer, then `done`),
///        `broken TEXT` (sent in part, then `brokenOff`)
///     T: what the connection is asked to do: `startTLS`, `close`
///     E: what happens to the connection: `tlsStarted`, `timedOut`, `woken`, `shuttingDown`
///
/// In every line `\r`, `\n`, `\0` and `\xNN` stand for those octets. What is expected is the order of the lines S, R
/// and T.
struct Transcript: Sendable, CustomTestStringConvertible {
    var name: String
    var items: [(tag: String, text: String)]
    var testDescription: String { name }

    static let all: [Transcript] = names.map { Transcript(name: $0) }

    private static let folder = "\(#filePath.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" })/Transcripts"

    private static var names: [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(".txt") { names.append(name) }
        }
        return names.sorted()
    }

    init(name: String) {
        self.name = name
        items = Self.read("\(Self.folder)/\(name)").split(separator: "\n").compactMap { line in
            guard !line.hasPrefix("#") else { return nil }
            let text = line.dropFirst(2)
            return (String(line.prefix(2)), String(text.hasPrefix(" ") ? text.dropFirst() : text))
        }
    }

    private static func read(_ path: String) -> String {
        guard let file = fopen(path, "r") else { return "" }
        defer { fclose(file) }
        var octets = [UInt8](repeating: 0, count: 1 << 20)
        return String(decoding: octets[..<fread(&octets, 1, octets.count, file)], as: UTF8.self)
    }

    /// Undoes `\r`, `\n`, `\0` and `\xNN`.
    static func octets(_ text: some StringProtocol) -> [UInt8] {
        var octets: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let octet = rest.popFirst() {
            guard octet == UInt8(ascii: "\\"), let escape = rest.popFirst() else {
                octets.append(octet)
                continue
            }
            switch escape {
            case UInt8(ascii: "r"): octets.append(13)
            case UInt8(ascii: "n"): octets.append(10)
            case UInt8(ascii: "0"): octets.append(0)
            case UInt8(ascii: "x"):
                octets.append(UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) ?? 0)
                rest = rest.dropFirst(2)
            default: octets.append(escape)
            }
        }
        return octets
    }

    var expected: [String] {
        items.filter { ["S:", "R:", "T:"].contains($0.tag) }.map { "\($0.tag) \($0.text)" }
    }

    /// What happens when the client's octets come in chunks of that size.
    func play(chunkOctets: Int) -> [String] {
        var player = Player(self)
        player.run(chunkOctets: chunkOctets)
        return player.log
    }
}

/// Plays one transcript.
private struct Player {
    var log: [String] = []
    private let transcript: Transcript
    private var session: ServerSession
    private var answers: ArraySlice<String>
    private var input = ByteBuffer()
    private var sent: [UInt8] = []
    private var isClosed = false
    private var awaitsTLS = false

    init(_ transcript: Transcript) {
        self.transcript = transcript
        let options = transcript.items.filter { $0.tag == "O:" }.flatMap { $0.text.split(separator: " ") }
        var configuration = Configuration(hostName: "mx.example.test")
        configuration.allowsCleartextLogin = options.contains("cleartext")
        configuration.offersSCRAM = options.contains("scram")
        if options.contains("login-delay") { configuration.loginDelaySeconds = 60 }
        configuration.offersTLS = !options.contains("no-tls")
        session = ServerSession(configuration: configuration, isTLSActive: options.contains("tls"))
        answers = transcript.items.filter { $0.tag == "A:" }.map(\.text)[...]
    }

    mutating func run(chunkOctets: Int) {
        var output = ByteBuffer()
        session.start(into: &output)
        advance(output)
        var pending: [UInt8] = []
        for item in transcript.items {
            switch item.tag {
            case "C:": pending += Transcript.octets(item.text) + [13, 10]
            case "C-": pending += Transcript.octets(item.text)
            case "E:":
                feed(&pending, chunkOctets)
                handle(item.text)
            default: feed(&pending, chunkOctets)
            }
        }
        feed(&pending, chunkOctets)
        if !sent.isEmpty { log.append("S: (without an end) \(String(decoding: sent, as: UTF8.self))") }
        if !answers.isEmpty { log.append("A: \(answers.count) not asked for") }
    }

    private mutating func feed(_ pending: inout [UInt8], _ chunkOctets: Int) {
        var rest = pending[...]
        pending = []
        while !rest.isEmpty, !isClosed {
            input.writeBytes(rest.prefix(chunkOctets))
            rest = rest.dropFirst(chunkOctets)
            advance(ByteBuffer())
        }
    }

    private mutating func handle(_ event: String) {
        var output = ByteBuffer()
        switch event {
        case "tlsStarted":
            awaitsTLS = false
            session.handle(.tlsStarted(TLSFacts(version: "TLSv1.3", cipher: "")), into: &output)
        case "timedOut": session.handle(.timedOut, into: &output)
        case "shuttingDown": session.handle(.shuttingDown, into: &output)
        default: session.handle(.woken, into: &output)
        }
        advance(output)
    }

    private mutating func advance(_ replies: ByteBuffer) {
        var output = replies
        while !isClosed, !awaitsTLS {
            let step = session.advance(&input, into: &output)
            take(&output)
            switch step {
            case .needsInput(let seconds):
                #expect(seconds == 600)
                return
            case .startTLS:
                log.append("T: startTLS")
                awaitsTLS = true
            case .compress: log.append("T: compress")
            case .close:
                log.append("T: close")
                isClosed = true
            case .perform(.send(let piece)):
                output = piece
                take(&output)
                session.resume(with: .done, into: &output)
            case .perform(let request):
                log.append("R: \(Self.text(request))")
                session.resume(with: answer(&output), into: &output)
            }
        }
    }

    /// The server's lines, complete ones only.
    private mutating func take(_ output: inout ByteBuffer) {
        sent += output.readBytes(length: output.readableBytes) ?? []
        while let end = sent.firstIndex(of: 10), end > 0 {
            #expect(sent[end - 1] == 13)
            log.append("S: " + String(decoding: sent[..<(end - 1)], as: UTF8.self))
            sent.removeFirst(end + 1)
        }
    }

    private mutating func answer(_ output: inout ByteBuffer) -> ServerSession.Answer {
        guard let line = answers.popFirst() else { return .failed(.permanent) }
        let words = line.split(separator: " ")
        let rest = line.dropFirst((words.first?.count ?? 0) + 1)
        switch words.first {
        case "keys": return .keys(exampleOffer)
        case "maildrop": return .maildrop(Maildrop(sizes: words.dropFirst().compactMap { UInt32($0) }))
        case "uniqueIDs": return .uniqueIDs(UniqueIDs(words.dropFirst().map { String($0) }))
        case "brokenOff": return .brokenOff
        case "body", "broken":
            var stuffer = LineStuffer()
            stuffer.begin(into: &output)
            stuffer.stuff(ByteBuffer(bytes: Transcript.octets(rest)), into: &output)
            if words[0] == "broken" { return .brokenOff }
            stuffer.finish(into: &output)
            return .done
        case "failed": return .failed(Self.failures[String(rest)] ?? .permanent)
        default: return .done
        }
    }

    private static let failures: [String: ServerSession.Failure] = [
        "credentials": .credentials, "inUse": .inUse, "loginDelay": .loginDelay,
        "switchedOff": .switchedOff, "temporary": .temporary,
        "permanent": .permanent, "gone": .gone,
    ]

    private static func text(_ request: ServerSession.Request) -> String {
        switch request {
        case .authenticate(let credentials):
            let other = credentials.authorizationIdentity.map { " as \($0)" } ?? ""
            return "authenticate \(credentials.authenticationIdentity) \(credentials.password)\(other)"
        case .findKeys(let login): return "findKeys \(login)"
        case .admit(let claim): return "admit \(claim.authenticationIdentity) \(claim.isProven)"
        case .retrieve(let index, let isUTF8): return "retrieve \(index)" + (isUTF8 ? " utf8" : "")
        case .top(let index, let lines, let isUTF8): return "top \(index) \(lines)" + (isUTF8 ? " utf8" : "")
        case .uniqueIDs(let range): return "uniqueIDs \(range)"
        case .send: return "send"
        case .commit(let indexes): return (["commit"] + indexes.map { "\($0)" }).joined(separator: " ")
        case .logout: return "logout"
        }
    }
}

@Suite struct TranscriptTests {
    @Test("There are transcripts") func exist() { #expect(Transcript.all.count >= 20) }

    @Test("A dialogue goes as written, whole and in chunks of 7 and of 1 octet", arguments: Transcript.all)
    func plays(_ transcript: Transcript) {
        for chunkOctets in [1 << 20, 7, 1] {
            #expect(transcript.play(chunkOctets: chunkOctets) == transcript.expected)
        }
    }
}
