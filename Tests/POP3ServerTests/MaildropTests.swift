import Directory
import MailCore
import MessageStore
import NIOCore
import SQLite
import Testing

@testable import POP3Server

@Suite("A maildrop on a store")
struct MaildropTests {
    private let one = "Subject: one\r\n\r\nHello\r\n"
    private let two = "Subject: two\r\n\r\n.\r\n..hidden\r\nthree\r\nfour"

    @Test("RFC 1939 §5, §7: STAT, LIST, UIDL, RETR and TOP show INBOX, the account's lines in front of each message")
    func reads() async throws {
        try await Fixture.with { fixture in
            try await fixture.deliver(one, two, prefix: "Return-Path: <a@b.test>\r\n")
            let validity = try await fixture.inbox().uidValidity.rawValue
            var player = Player(fixture)
            let login = try await player.say("USER ann@here.test", "PASS secret")
            let octets = one.utf8.count + two.utf8.count + 2 * 25
            #expect(login == "+OK Password, please\r\n+OK Maildrop has 2 messages (\(octets) octets)\r\n")
            #expect(try await player.say("STAT") == "+OK 2 \(octets)\r\n")
            let sizes = [one, two].map { $0.utf8.count + 25 }
            #expect(
                try await player.say("LIST")
                    == "+OK 2 messages (\(octets) octets)\r\n1 \(sizes[0])\r\n2 \(sizes[1])\r\n.\r\n")
            #expect(
                try await player.say("UIDL")
                    == "+OK Unique-ids follow\r\n1 \(validity).1\r\n2 \(validity).2\r\n.\r\n")
            #expect(try await player.say("UIDL 2") == "+OK 2 \(validity).2\r\n")
            #expect(
                try await player.say("RETR 1")
                    == "+OK Message follows\r\nReturn-Path: <a@b.test>\r\nSubject: one\r\n\r\nHello\r\n.\r\n")
            #expect(
                try await player.say("RETR 2")
                    == "+OK Message follows\r\nReturn-Path: <a@b.test>\r\nSubject: two\r\n\r\n..\r\n...hidden\r\n"
                    + "three\r\nfour\r\n.\r\n")
            #expect(
                try await player.say("TOP 2 0")
                    == "+OK Message follows\r\nReturn-Path: <a@b.test>\r\nSubject: two\r\n\r\n.\r\n")
            #expect(
                try await player.say("TOP 2 2")
                    == "+OK Message follows\r\nReturn-Path: <a@b.test>\r\nSubject: two\r\n\r\n..\r\n...hidden\r\n.\r\n")
        }
    }

    @Test("Messages of any length arrive whole", arguments: [0, 1, 65_000, 65_536, 131_072, 300_000, 1_500_000])
    func lengths(_ octets: Int) async throws {
        try await Fixture.with { fixture in
            var text = "Subject: long\r\n\r\n"
            for number in 0..<(octets / 20) { text += String(1_000_000_000 + number) + "........\r\n" }
            try await fixture.deliver(text)
            var player = try await Player.loggedIn(fixture)
            #expect(try await player.say("RETR 1") == "+OK Message follows\r\n\(text).\r\n")
            #expect(try await player.say("TOP 1 0") == "+OK Message follows\r\nSubject: long\r\n\r\n.\r\n")
            #expect(try await player.say("TOP 1 9999999999") == "+OK Message follows\r\n\(text).\r\n")
        }
    }

    @Test("A header above one read is sent whole by TOP")
    func longHeader() async throws {
        try await Fixture.with { fixture in
            var header = "Subject: long\r\n"
            for number in 0..<3_000 { header += "X-Field-\(number): " + String(repeating: "x", count: 60) + "\r\n" }
            try await fixture.deliver(header + "\r\nfirst\r\nsecond\r\n")
            var player = try await Player.loggedIn(fixture)
            #expect(try await player.say("TOP 1 1") == "+OK Message follows\r\n\(header)\r\nfirst\r\n.\r\n")
        }
    }

    @Test("RFC 1939 §6: QUIT removes what was marked; the next login counts without it, and unique-ids stay")
    func commits() async throws {
        try await Fixture.with { fixture in
            try await fixture.deliver(one, two, one)
            let validity = try await fixture.inbox().uidValidity.rawValue
            var player = try await Player.loggedIn(fixture)
            _ = try await player.say("DELE 1", "DELE 3")
            #expect(try await fixture.inbox().messages == 3)
            #expect(try await player.say("QUIT") == "+OK Goodbye\r\n")
            #expect(player.isClosed)
            #expect(try await fixture.store.uids(of: fixture.inbox().id).ranges == [2...2])
            #expect(!fixture.services.locks.isHeld(try await fixture.ann))
            var next = try await Player.loggedIn(fixture)
            #expect(try await next.say("UIDL") == "+OK Unique-ids follow\r\n1 \(validity).2\r\n.\r\n")
        }
    }

    @Test("RFC 1939 §6: whoever is cut off has deleted nothing, and the lock is free")
    func cutOff() async throws {
        try await Fixture.with { fixture in
            try await fixture.deliver(one)
            var player = try await Player.loggedIn(fixture)
            _ = try await player.say("DELE 1")
            await player.session.closed()
            #expect(try await fixture.inbox().messages == 1)
            #expect(!fixture.services.locks.isHeld(try await fixture.ann))
        }
    }

    @Test("A message that IMAP expunges meanwhile is gone for RETR and TOP, also when it was read ahead; others stay")
    func expungedMeanwhile() async throws {
        try await Fixture.with { fixture in
            try await fixture.deliver(one, two, one)
            var player = try await Player.loggedIn(fixture)
            #expect(try await player.say("RETR 1").hasPrefix("+OK"))
            _ = try await fixture.store.expunge(mailbox: fixture.inbox().id, uids: [2...2], onlyDeleted: false)
            #expect(try await player.say("RETR 2") == "-ERR Message is no longer there\r\n")
            #expect(try await player.say("TOP 2 0") == "-ERR Message is no longer there\r\n")
            #expect(try await player.say("RETR 3") == "+OK Message follows\r\n\(one).\r\n")
            // RFC 1939 §6 wants all of them removed: what is gone is.
            _ = try await player.say("DELE 2", "DELE 3")
            #expect(try await player.say("QUIT") == "+OK Goodbye\r\n")
            #expect(try await fixture.store.uids(of: fixture.inbox().id).ranges == [1...1])
        }
    }

    @Test("RFC 1939 §8: mail that arrives meanwhile is not shown, not deleted, and there at the next login")
    func arrivesMeanwhile() async throws {
        try await Fixture.with { fixture in
            try await fixture.deliver(one)
            var player = try await Player.loggedIn(fixture)
            try await fixture.deliver(two)
            #expect(try await player.say("STAT") == "+OK 1 \(one.utf8.count)\r\n")
            #expect(try await player.say("RETR 2") == "-ERR No such message\r\n")
            _ = try await player.say("DELE 1", "QUIT")
            var next = try await Player.loggedIn(fixture)
            #expect(try await next.say("STAT") == "+OK 1 \(two.utf8.count)\r\n")
        }
    }

    @Test("A unique-id that was stored with a message is the one that is told")
    func storedUniqueIDs() async throws {
        try await Fixture.with { fixture in
            try await fixture.deliver(one, two)
            let inbox = try await fixture.inbox()
            try await fixture.database.write { transaction in
                try transaction.execute(
                    "INSERT INTO pop3_uidl VALUES (?, 1, 'old-name')", .integer(inbox.id.rawValue))
            }
            var player = try await Player.loggedIn(fixture)
            #expect(
                try await player.say("UIDL")
                    == "+OK Unique-ids follow\r\n1 old-name\r\n2 \(inbox.uidValidity.rawValue).2\r\n.\r\n")
            #expect(try await player.say("UIDL 1") == "+OK 1 old-name\r\n")
        }
    }

    @Test("RFC 3206 §4: a wrong password, a closed account and another's identity are told apart by nobody")
    func refusesLogins() async throws {
        try await Fixture.with { fixture in
            let refusal = "-ERR [AUTH] Authentication failed\r\n"
            var player = Player(fixture)
            #expect(try await player.say("USER ann@here.test", "PASS wrong").hasSuffix(refusal))
            #expect(try await player.say("USER eve@here.test", "PASS secret").hasSuffix(refusal))
            var other = Player(fixture)
            // "bob@here.test", NUL, "ann@here.test", NUL, "secret".
            let initial = "Ym9iQGhlcmUudGVzdABhbm5AaGVyZS50ZXN0AHNlY3JldA=="
            #expect(try await other.say("AUTH PLAIN \(initial)") == refusal)
            try await fixture.registry.setDisabled(EmailAddress(localPart: "ann", domain: "here.test"), reason: "away")
            #expect(try await other.say("USER ann@here.test", "PASS secret").hasSuffix(refusal))
            #expect(!fixture.services.locks.isHeld(try await fixture.ann))
        }
    }

    @Test("RFC 2449 §6.6: UIDL behind a command whose reply still waits is answered, once")
    func namesBehindReplies() async throws {
        try await Fixture.with { fixture in
            try await fixture.deliver(one)
            let validity = try await fixture.inbox().uidValidity.rawValue
            var player = try await Player.loggedIn(fixture)
            #expect(
                try await player.say("NOOP", "UIDL", "STAT")
                    == "+OK Nothing done\r\n+OK Unique-ids follow\r\n1 \(validity).1\r\n.\r\n"
                    + "+OK 1 \(one.utf8.count)\r\n")
        }
    }

    @Test("2,100 pipelined RETRs bring 2,100 messages in their order, and DELE of all empties the maildrop")
    func drains() async throws {
        try await Fixture.with { fixture in
            try await fixture.deliver(count: 2_100) {
                "Subject: \($0)\r\n\r\n" + String(repeating: "x", count: $0) + "\r\n"
            }
            var player = try await Player.loggedIn(fixture)
            let listing = try await player.say("LIST").split(separator: "\r\n").dropFirst().dropLast()
            let sizes = listing.compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }
            #expect(sizes.count == 2_100)
            // More than one request of the engine brings.
            let names = try await player.say("UIDL").split(separator: "\r\n")
            #expect(Set(names).count == 2_102)
            #expect(names.dropFirst().first?.hasPrefix("1 ") == true)
            #expect(names.dropLast().last?.hasPrefix("2100 ") == true)
            let said = try await player.sayOctets((1...2_100).map { "RETR \($0)" })
            let expected = sizes.reduce(0) { $0 + $1 } + 2_100 * ("+OK Message follows\r\n".utf8.count + 3)
            #expect(said.readableBytes == expected)
            // Deliveries ran side by side: which message is the n-th is only known to be the one with that size.
            let lengths = String(buffer: said).split(separator: "\r\n.\r\n").map { $0.utf8.count + 2 - 21 }
            #expect(lengths == sizes)
            _ = try await player.say((1...2_100).map { "DELE \($0)" })
            #expect(try await player.say("QUIT") == "+OK Goodbye\r\n")
            #expect(try await fixture.inbox().messages == 0)
        }
    }
}
