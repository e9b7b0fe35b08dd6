import Directory
import MailCore
import MessageStore
import Synchronization
import Testing

@testable import POP3Server

@Suite("What POP3 may do with a mailbox")
struct AccessTests {
    private let ann = EmailAddress(localPart: "ann", domain: "here.test")
    private let login = ["USER ann@here.test", "PASS secret"]

    private func set(_ access: POP3Access, _ fixture: Fixture) async throws {
        try await fixture.registry.setPOP3Access(of: ann, to: access)
    }

    @Test("Switched off it lets nobody in who knows the password, and tells others nothing")
    func switchedOff() async throws {
        try await Fixture.with { fixture in
            try await set(POP3Access(isOn: false), fixture)
            var player = Player(fixture)
            #expect(
                try await player.say(login).hasSuffix("-ERR [AUTH] POP3 is switched off for this mailbox\r\n"))
            #expect(!fixture.services.locks.isHeld(try await fixture.ann))
            #expect(
                try await player.say("USER ann@here.test", "PASS wrong").hasSuffix(
                    "-ERR [AUTH] Authentication failed\r\n"))
            try await set(POP3Access(), fixture)
            #expect(try await player.say(login).hasSuffix("+OK Maildrop has 0 messages (0 octets)\r\n"))
        }
    }

    @Test("RFC 2449 §6.5: a second login comes after the delay, to each maildrop by itself")
    func loginDelay() async throws {
        try await Fixture.with(loginDelaySeconds: 6_000) { fixture in
            var player = Player(fixture)
            #expect(try await player.say(login).hasSuffix("+OK Maildrop has 0 messages (0 octets)\r\n"))
            _ = try await player.say("QUIT")
            var again = Player(fixture)
            fixture.clock.aheadSeconds.wrappingAdd(5_000, ordering: .relaxed)
            #expect(try await again.say(login).hasSuffix("-ERR [LOGIN-DELAY] Wait before you log in again\r\n"))
            #expect(try await again.say("USER bob@here.test", "PASS secret").contains("+OK Maildrop"))
            fixture.clock.aheadSeconds.wrappingAdd(1_001, ordering: .relaxed)
            var later = Player(fixture)
            #expect(try await later.say(login).contains("+OK Maildrop"))
        }
    }

    @Test("With days to leave, what is deleted stays in INBOX out of POP3's sight, and goes when it is due")
    func leaves() async throws {
        try await Fixture.with { fixture in
            try await set(POP3Access(leaveDays: 3), fixture)
            try await fixture.deliver("Subject: one\r\n\r\nx\r\n", "Subject: two\r\n\r\nx\r\n")
            var player = try await Player.loggedIn(fixture)
            let names = try await player.say("UIDL")
            #expect(try await player.say("RETR 1", "DELE 1", "QUIT").hasSuffix("+OK Goodbye\r\n"))
            #expect(try await fixture.inbox().messages == 2)
            // The other keeps its name, and its number is now 1.
            player = try await Player.loggedIn(fixture)
            let left = try await player.say("UIDL").split(separator: "\r\n")
            #expect(left.count == 3)
            #expect(names.contains(" \(left[1].dropFirst(2))\r\n"))
            #expect(try await player.say("TOP 1 0").contains("Subject: two"))
            _ = try await player.say("QUIT")
            // IMAP replaces the flags that it sees, and POP3's mark stays.
            let inbox = try await fixture.inbox()
            _ = try await fixture.store.storeFlags(
                mailbox: inbox.id, uids: [1...9], operation: .replace, flags: [.seen])
            fixture.clock.aheadSeconds.wrappingAdd(2 * 86_400, ordering: .relaxed)
            player = try await Player.loggedIn(fixture)
            #expect(try await player.say("STAT").hasPrefix("+OK 1 "))
            #expect(try await fixture.inbox().messages == 2)
            _ = try await player.say("QUIT")
            fixture.clock.aheadSeconds.wrappingAdd(86_400 + 60, ordering: .relaxed)
            player = try await Player.loggedIn(fixture)
            #expect(try await fixture.inbox().messages == 1)
            // What has been there for long enough goes with QUIT.
            #expect(try await player.say("DELE 1", "QUIT").hasSuffix("+OK Goodbye\r\n"))
            #expect(try await fixture.inbox().messages == 0)
        }
    }

    @Test("Without days to leave any more, what was left goes at the next login")
    func leavesNoMore() async throws {
        try await Fixture.with { fixture in
            try await set(POP3Access(leaveDays: 3), fixture)
            try await fixture.deliver("Subject: one\r\n\r\nx\r\n")
            var player = try await Player.loggedIn(fixture)
            _ = try await player.say("DELE 1", "QUIT")
            #expect(try await fixture.inbox().messages == 1)
            try await set(POP3Access(), fixture)
            _ = try await Player.loggedIn(fixture)
            #expect(try await fixture.inbox().messages == 0)
        }
    }

    @Test("Days outside their bounds are refused")
    func bounds() async throws {
        try await Fixture.with { fixture in
            for days in [-1, 3_651] {
                await #expect(throws: DirectoryError.self) { try await set(POP3Access(leaveDays: days), fixture) }
            }
            try await set(POP3Access(leaveDays: 3_650), fixture)
            #expect(try await fixture.registry.pop3Access(of: fixture.ann).leaveDays == 3_650)
        }
    }
}
