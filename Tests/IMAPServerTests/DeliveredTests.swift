import Directory
import IMAP
import MailCore
import MessageStore
import NIOCore
import Testing

@testable import IMAPServer

/// Messages that did not come by APPEND: with lines of the account's own, large, or many.
@Suite struct DeliveredTests {
    private static let configuration: IMAP.ServerConfiguration = {
        var configuration = IMAP.ServerConfiguration()
        configuration.allowsCleartextLogin = true
        return configuration
    }()

    /// A connection of ann's with INBOX selected.
    private func ann(_ fixture: Fixture) async throws -> Connection {
        let connection = Connection(fixture.services, Self.configuration, identifier: "c1")
        _ = try await connection.start()
        _ = try await connection.say("a LOGIN ann@here.test secret\r\na SELECT INBOX\r\n")
        return connection
    }

    private func deliver(_ octets: String, prefix: String, _ fixture: Fixture) async throws {
        let store = fixture.services.store
        let message = try await store.stage(ByteBuffer(string: octets))
        let login = try await fixture.services.registry.authenticate(login: "ann@here.test", password: "secret")
        guard case .ok(let account) = login else { return }
        _ = try await store.deliver(message, to: [LocalCopy(account: account.id, prefix: ByteBuffer(string: prefix))])
    }

    @Test("An account's own lines belong to the whole and to its header, and to no other section; sizes agree")
    func prefixes() async throws {
        try await Fixture.with { fixture in
            let prefix = "Return-Path: <carl@example.org>\r\nX-Verdict: clean\r\n"
            let body = Samples.messages["plain"] ?? ""
            try await deliver(body, prefix: prefix, fixture)
            let client = try await ann(fixture)
            let whole = prefix + body
            let size = whole.utf8.count
            func fetch(_ item: String) async throws -> String {
                try await client.say("b FETCH 1 (\(item))\r\n")
            }
            #expect(try await fetch("RFC822.SIZE") == "* 1 FETCH (RFC822.SIZE \(size))\r\nb OK FETCH completed\r\n")
            #expect(
                try await fetch("BODY.PEEK[]")
                    == "* 1 FETCH (BODY[] {\(size)}\r\n\(whole))\r\nb OK FETCH completed\r\n")
            for (start, count) in [(0, 10), (40, 30), (prefix.utf8.count, 5), (size - 3, 9), (size, 1)] {
                let part = String(whole.utf8.dropFirst(start).prefix(count)) ?? ""
                #expect(
                    try await fetch("BODY.PEEK[]<\(start).\(count)>")
                        == "* 1 FETCH (BODY[]<\(start)> {\(part.utf8.count)}\r\n\(part))\r\nb OK FETCH completed\r\n")
            }
            let header = try #require(whole.firstRange(of: "\r\n\r\n")?.upperBound)
            let headerOctets = whole[..<header].utf8.count
            #expect(
                try await fetch("BODY.PEEK[HEADER]").hasPrefix(
                    "* 1 FETCH (BODY[HEADER] {\(headerOctets)}\r\n\(whole[..<header]))"))
            #expect(try await fetch("BODY.PEEK[TEXT]").hasPrefix("* 1 FETCH (BODY[TEXT] {\(size - headerOctets)}"))
            #expect(
                try await fetch("BODY.PEEK[HEADER.FIELDS (X-VERDICT SUBJECT)]").contains(
                    "X-Verdict: clean\r\nSubject: Lunch\r\n\r\n)"))
            #expect(
                try await fetch("BODY.PEEK[HEADER.FIELDS.NOT (To From Date Message-ID X-Mood X-Verdict)]").contains(
                    "Return-Path: <carl@example.org>\r\nSubject: Lunch\r\n\r\n)"))
            #expect(try await client.say("c SEARCH HEADER X-Verdict CLEAN\r\n").hasPrefix("* SEARCH 1\r\n"))
            #expect(try await client.say("c SEARCH TEXT \"return-path\"\r\n").hasPrefix("* SEARCH 1\r\n"))
            await client.close()
        }
    }

    @Test("A message too large for memory is sent piece by piece, whole and in parts, and is found by its last words")
    func streams() async throws {
        try await Fixture.with { fixture in
            let line = String(repeating: "0123456789abcde ", count: 4) + "\r\n"
            let head = "From: a@example.org\r\nSubject: Large\r\n\r\n"
            let body = String(repeating: line, count: 20_000) + "the very end\r\n"
            try await deliver(head + body, prefix: "X-Own: yes\r\n", fixture)
            let client = try await ann(fixture)
            let whole = "X-Own: yes\r\n" + head + body
            let size = whole.utf8.count
            let fetched = try await client.say("b FETCH 1 BODY.PEEK[]\r\n")
            #expect(fetched == "* 1 FETCH (BODY[] {\(size)}\r\n\(whole))\r\nb OK FETCH completed\r\n")
            let part = String(whole.utf8.dropFirst(600_000).prefix(300_000)) ?? ""
            let parts = try await client.say("b FETCH 1 BODY.PEEK[]<600000.300000>\r\n")
            #expect(parts == "* 1 FETCH (BODY[]<600000> {300000}\r\n\(part))\r\nb OK FETCH completed\r\n")
            #expect(try await client.say("c SEARCH BODY \"VERY END\"\r\n").hasPrefix("* SEARCH 1\r\n"))
            #expect(try await client.say("c SEARCH BODY \"missing\"\r\n").hasPrefix("* SEARCH\r\n"))
            await client.close()
        }
    }

    @Test("What APPEND brings stays octet by octet, NUL and bare line feeds too, and its size is what is sent")
    func odd() async throws {
        try await Fixture.with { fixture in
            let client = try await ann(fixture)
            let body = "Subject: odd\nFrom: a@b\r\n\r\nbare\nlines \u{0} and NUL\r\rend"
            let size = body.utf8.count
            _ = try await client.say("b APPEND INBOX {\(size)+}\r\n\(body)\r\n")
            #expect(try await client.say("c FETCH 1 RFC822.SIZE\r\n").hasPrefix("* 1 FETCH (RFC822.SIZE \(size))"))
            let fetched = try await client.say("d FETCH 1 BODY.PEEK[]\r\n")
            #expect(fetched.hasPrefix("* 1 FETCH (BODY[] {\(size)}\r\n\(body))\r\n"))
            let parts = try await client.say("e FETCH 1 (BODY.PEEK[HEADER] BODY.PEEK[TEXT])\r\n")
            #expect(parts.contains("lines \u{0} and NUL"))
            await client.close()
        }
    }

    @Test("Thousands of messages are listed, searched and expunged over the bounds of pages")
    func pages() async throws {
        try await Fixture.with { fixture in
            try await deliver(Samples.messages["plain"] ?? "", prefix: "", fixture)
            let client = try await ann(fixture)
            for _ in 0..<12 { _ = try await client.say("b COPY 1:* INBOX\r\n") }
            func lines(_ command: String) async throws -> [Substring] {
                try await client.say("\(command)\r\n").split(separator: "\r\n")
            }
            let flags = try await lines("b FETCH 1:* FLAGS")
            #expect(flags.count == 4_097)
            #expect(flags.dropLast().enumerated().allSatisfy { $1.hasPrefix("* \($0 + 1) FETCH (FLAGS (\\Recent") })
            let odd = stride(from: 1, to: 4_096, by: 2).map(String.init).joined(separator: ",")
            let stored = try await lines("b UID STORE \(odd) +FLAGS (\\Deleted)")
            #expect(stored.count == 2_049)
            #expect(try await lines("b SEARCH DELETED").first?.split(separator: " ").count == 2_050)
            let envelopes = try await lines("b UID FETCH \(odd) ENVELOPE")
            #expect(envelopes.count == 2_049)
            #expect(envelopes.last == "b OK UID FETCH completed")
            #expect(envelopes.first?.hasPrefix("* 1 FETCH (UID 1 ENVELOPE (") == true)
            let expunged = try await lines("b EXPUNGE")
            #expect(expunged.count == 2_049)
            #expect(expunged.dropLast().enumerated().allSatisfy { $1 == "* \($0 + 1) EXPUNGE" })
            let left = try await lines("b FETCH 1:* UID")
            #expect(left.dropLast().enumerated().allSatisfy { $1 == "* \($0 + 1) FETCH (UID \(2 * $0 + 2))" })
            #expect(left.count == 2_049)
            #expect(try await lines("b UID SEARCH TEXT hungry").first?.split(separator: " ").count == 2_050)
            await client.close()
        }
    }
}
