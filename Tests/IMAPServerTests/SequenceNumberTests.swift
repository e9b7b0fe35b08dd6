import IMAP
import MailCore
import Testing

@testable import IMAPServer

/// What a client knows of its mailbox from the server's lines alone.
private final class Client {
    let connection: Connection
    /// Nil where the UID was not told yet.
    var uids: [Int?] = []

    init(_ connection: Connection) { self.connection = connection }

    func say(_ command: String) async throws -> [Substring] {
        let lines = try await connection.say("t \(command)\r\n").split(separator: "\r\n")
        #expect(lines.last?.hasPrefix("t ") == true)
        for line in lines { take(line, command) }
        return lines
    }

    private func take(_ line: Substring, _ command: String) {
        let words = line.split(separator: " ")
        guard words.count >= 3, words[0] == "*", let number = Int(words[1]) else { return }
        switch words[2] {
        case "EXISTS":
            #expect(number >= uids.count, "a mailbox shrinks by EXPUNGE only")
            while uids.count < number { uids.append(nil) }
        case "EXPUNGE":
            let mayShrink = !["FETCH", "STORE", "SEARCH"].contains { command.hasPrefix($0) }
            #expect(mayShrink, "RFC 3501 §7.4.1: EXPUNGE in answer to \(command)")
            guard uids.indices.contains(number - 1) else { Issue.record("EXPUNGE \(number) of \(uids.count)"); return }
            uids.remove(at: number - 1)
        case "FETCH" where words.count > 4 && words[3] == "(UID":
            guard uids.indices.contains(number - 1), let uid = Int(words[4].filter(\.isNumber)) else {
                Issue.record("\(line) of \(uids.count)")
                return
            }
            if let known = uids[number - 1] { #expect(known == uid, "number \(number) means another message") }
            uids[number - 1] = uid
        default: break
        }
    }
}

@Suite struct SequenceNumberTests {
    private struct Random: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state ^ (state >> 33)) &* 0xff51_afd7_ed55_8ccd
        }
    }

    @Test(
        "RFC 3501 §2.3.1.2: whatever three sessions do to one mailbox, each one's numbers mean what it was told",
        arguments: [1, 2, 3, 4] as [UInt64])
    func agree(_ seed: UInt64) async throws {
        try await Fixture.with { fixture in
            var random = Random(state: seed)
            var configuration = IMAP.ServerConfiguration()
            configuration.allowsCleartextLogin = true
            configuration.badCommandsMax = 1_000
            var clients: [Client] = []
            for number in 1...3 {
                let client = Client(Connection(fixture.services, configuration, identifier: "c\(number)"))
                _ = try await client.connection.start()
                _ = try await client.say("LOGIN ann@here.test secret")
                _ = try await client.say("SELECT INBOX")
                clients.append(client)
            }
            for _ in 0..<200 {
                guard let client = clients.randomElement(using: &random) else { return }
                let some = Int.random(in: 1...max(1, client.uids.count), using: &random)
                switch Int.random(in: 0..<12, using: &random) {
                case 0, 1: _ = try await client.say(Samples.filled("APPEND INBOX {{plain}}"))
                case 2: _ = try await client.say("COPY 1:* INBOX")
                case 3, 4: _ = try await client.say("STORE \(some) +FLAGS (\\Deleted)")
                case 5: _ = try await client.say("STORE \(some):* +FLAGS.SILENT (\\Deleted)")
                case 6: _ = try await client.say("EXPUNGE")
                case 7: _ = try await client.say("NOOP")
                case 8: _ = try await client.say("FETCH 1:* UID")
                case 9: _ = try await client.say("SEARCH ALL")
                case 10: _ = try await client.say("MOVE \(some) Trash")
                default: _ = try await client.say("UID FETCH 1:* FLAGS")
                }
                // Keeps COPY from doubling without end.
                if client.uids.count > 40 {
                    _ = try await client.say("STORE 5:* +FLAGS.SILENT (\\Deleted)")
                    _ = try await client.say("EXPUNGE")
                }
            }
            for client in clients {
                _ = try await client.say("NOOP")
                _ = try await client.say("FETCH 1:* UID")
                let found = try await client.say("UID SEARCH ALL").first?.split(separator: " ").dropFirst(2)
                #expect(found.map { $0.map { Int($0) } } == client.uids)
                await client.connection.close()
            }
        }
    }
}
