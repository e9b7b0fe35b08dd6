import MailCore
import NIOCore
import SASL
import Testing

@testable import SMTP

@Suite("Client transcripts")
struct ClientTranscriptTests {
    static let scripts = Script.all(in: "Client")

    @Test("there are transcripts of every part") func exist() { #expect(Self.scripts.count >= 20) }

    @Test("a scripted server is talked to as written, however its octets are cut", arguments: scripts, [Int.max, 7, 1])
    func plays(_ script: Script, size: Int) throws {
        var player = ClientPlayer(script)
        var received: [UInt8] = []
        func feed() {
            for chunk in chunks(received, of: size) { player.feed(chunk.readableBytesView) }
            received = []
        }
        for line in script.lines {
            if line.word != "S", line.word != "R" { feed() }
            let place: Comment = "\(script.name):\(line.number)"
            switch line.word {
            case "Setup": break
            case "S": received += Array((line.text + "\r\n").utf8)
            case "R": received += Array(Script.unescaped(line.text).utf8)
            case "C": #expect(player.takeLine() == line.text, place)
            case "Raw":
                #expect(Script.escaped(player.output.readableBytesView) == line.text, place)
                player.output.clear()
            case "Silent": #expect(player.output.readableBytes == 0, place)
            case "Step": #expect(player.stepText == line.text, place)
            case "Result": #expect(player.takeResult() == line.text, place)
            case "Send": try player.send(line.text)
            case "Body": player.sendBody(Script.unescaped(line.text))
            case "Quit":
                player.session.quit()
                player.run()
            case "TLS":
                #expect(player.step == .startTLS, place)
                player.session.tlsStarted(TLSFacts(version: "TLSv1.3", cipher: "AES"))
                player.run()
            case "Timeout":
                player.session.timedOut()
                player.run()
            case "Drop":
                player.session.disconnected()
                player.run()
            default: Issue.record("\(script.name):\(line.number): no such word: \(line.word)")
            }
        }
        feed()
        #expect(player.output.readableBytes == 0, "\(script.name), at its end")
    }
}

struct ClientPlayer {
    var session: ClientSession
    var input = ByteBuffer()
    var output = ByteBuffer()
    var step = ClientStep.close
    var results: [RecipientResult] = []

    init(_ script: Script) {
        var configuration = ClientConfiguration(hostname: "out.example.test")
        for line in script.lines where line.word == "Setup" {
            switch line.text {
            case "never": configuration.tlsPolicy = .never
            case "required": configuration.tlsPolicy = .required
            case "credentials":
                configuration.credentials = Credentials(authenticationIdentity: "ann", password: "secret")
            case "long":
                configuration.credentials = Credentials(
                    authenticationIdentity: "ann", password: String(repeating: "x", count: 300))
            case "clear": configuration.isClearAuthenticationAllowed = true
            default: Issue.record("no such setting: \(line.text)")
            }
        }
        session = ClientSession(configuration)
        run()
    }

    mutating func feed(_ octets: some Sequence<UInt8>) {
        input.writeBytes(octets)
        run()
    }

    mutating func run() {
        step = session.advance(&input, into: &output)
        if case .finished(let results) = step { self.results = results }
    }

    /// `<ann@example.org> bob@example.com carl@example.com`, and `8bit`, `binary` or `size=N`.
    mutating func send(_ text: String) throws {
        let words = text.split(separator: " ").map(String.init)
        let path = try #require(words.first)
        let sender = EmailAddress(String(path.dropFirst().dropLast()))
        var transaction = Transaction(
            reversePath: sender.map { .address($0) } ?? .null, recipients: [], sizeOctets: 100, isEightBit: false)
        for word in words.dropFirst() {
            if word == "8bit" {
                transaction.isEightBit = true
            } else if word == "binary" {
                transaction.isBinary = true
            } else if word.hasPrefix("size=") {
                transaction.sizeOctets = try #require(Int(word.dropFirst(5)))
            } else {
                transaction.recipients.append(try #require(EmailAddress(word)))
            }
        }
        session.begin(transaction)
        run()
    }

    mutating func sendBody(_ text: String) {
        #expect(step == .sendBody)
        session.writeBody(ByteBuffer(string: text), into: &output)
        session.finishBody(into: &output)
        run()
    }

    mutating func takeLine() -> String? {
        guard let end = output.readableBytesView.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        let line = output.readString(length: end - output.readerIndex + 1) ?? ""
        guard line.hasSuffix("\r\n") else { return nil }
        return String(line.dropLast())
    }

    mutating func takeResult() -> String? {
        guard case .finished = step, !results.isEmpty else { return nil }
        return Self.text(results.removeFirst())
    }

    private static func text(_ result: RecipientResult) -> String {
        switch result {
        case .accepted(let reply): "accepted \(reply)"
        case .temporary(let reply): "temporary \(reply)"
        case .permanent(let reply): "permanent \(reply)"
        }
    }

    var stepText: String {
        switch step {
        case .needsInput(let seconds): "needsInput \(seconds)"
        case .startTLS: "startTLS"
        case .ready(let facts):
            "ready \(facts.hostname)\(facts.tls == nil ? "" : " tls")\(facts.isAuthenticated ? " auth" : "")"
        case .sendBody: "sendBody"
        case .finished: "finished"
        case .failed(let failure): "failed \(Self.text(failure.result))"
        case .close: "close"
        }
    }
}
