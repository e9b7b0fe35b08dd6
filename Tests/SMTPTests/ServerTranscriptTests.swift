import MailCore
import NIOCore
import Testing

@testable import SMTP

@Suite("Server transcripts")
struct ServerTranscriptTests {
    static let scripts = Script.all(in: "Server")

    @Test("there are transcripts of every part") func exist() { #expect(Self.scripts.count >= 25) }

    @Test("a dialogue goes as written, however its octets are cut", arguments: scripts, [Int.max, 7, 1])
    func plays(_ script: Script, size: Int) throws {
        var settings: [String: String] = [:]
        for line in script.lines where line.word == "Setup" {
            for pair in line.text.split(separator: " ") {
                let parts = pair.split(separator: "=", maxSplits: 1)
                settings[String(parts[0])] = String(try #require(parts.last))
            }
        }
        var player = ServerPlayer(settings)
        var sent: [UInt8] = []
        var expected = ""
        var number = 0
        func check() {
            for chunk in chunks(sent, of: size) { player.feed(chunk.readableBytesView) }
            sent = []
            let said = player.takeOutput()
            #expect(said == expected, "\(script.name), before line \(number + 1)")
            expected = ""
        }
        for line in script.lines {
            switch line.word {
            case "S": expected += line.text + "\r\n"
            case "Setup": break
            default:
                if !expected.isEmpty || (line.word != "C" && line.word != "R") { check() }
                switch line.word {
                case "C": sent += Array((line.text + "\r\n").utf8)
                case "R": sent += Array(Script.unescaped(line.text).utf8)
                case "TLS":
                    #expect(player.step == .startTLS)
                    player.handle(.tlsStarted(TLSFacts(version: "TLSv1.3", cipher: "AES")))
                case "Timeout": player.handle(.timedOut)
                case "Stop": player.handle(.shuttingDown)
                case "Closed": #expect(player.step == .close, "\(script.name):\(line.number)")
                case "Open": #expect(player.step == .needsInput(withinSeconds: 300), "\(script.name):\(line.number)")
                case "StartTLS":
                    #expect(player.step == .startTLS)
                    #expect(Script.escaped(player.input.readableBytesView) == line.text)
                case "Stored":
                    #expect(
                        player.delivered.last.map { Script.escaped($0.message) } == line.text, "line \(line.number)")
                case "Delivered": #expect(player.delivered.count == Int(line.text), "\(script.name):\(line.number)")
                case "Discards": #expect(player.discards == Int(line.text), "\(script.name):\(line.number)")
                case "Login": #expect(player.delivered.last?.envelope.login == line.text)
                case "Recipients":
                    let recipients = player.delivered.last?.envelope.recipients.map(\.description) ?? []
                    #expect(recipients.joined(separator: " ") == line.text, "\(script.name):\(line.number)")
                case "Sender": #expect(player.delivered.last?.envelope.reversePath.description == line.text)
                default: Issue.record("\(script.name):\(line.number): no such word: \(line.word)")
                }
            }
            number = line.number
        }
        check()
    }
}
