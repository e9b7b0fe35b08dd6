import MailCore
import NIOCore
import Synchronization
import Testing

@testable import POP3Server
@testable import Transport

@Suite("The exclusive lock of a maildrop")
struct MaildropLocksTests {
    private let ann = AccountID(rawValue: 1)
    private let bob = AccountID(rawValue: 2)

    /// A wait that is over when the test says so.
    private final class Clock: Sendable {
        private let limits = Mutex<[AsyncStream<Void>.Continuation]>([])

        // A stream for each: one that is cancelled must not end the others.
        var timeLimit: @Sendable () async -> Void {
            { [self] in
                let (stream, continuation) = AsyncStream<Void>.makeStream()
                limits.withLock { $0.append(continuation) }
                for await _ in stream { return }
            }
        }

        /// Ends the waits that there are, once there is one.
        func ring() async {
            while limits.withLock({ $0.isEmpty }) { await Task.yield() }
            for limit in limits.withLock({ $0 }) { limit.yield() }
        }
    }

    private func waitUntilWaiting(_ locks: MaildropLocks, _ count: Int) async {
        while locks.waiting(for: ann) != count { await Task.yield() }
    }

    @Test("RFC 1939 §4: one session an account, any number of accounts")
    func excludes() async {
        let clock = Clock()
        let locks = MaildropLocks(timeLimit: clock.timeLimit)
        let first = locks.claim(ann)
        let other = locks.claim(bob)
        #expect(await first.take())
        #expect(await other.take())
        let second = locks.claim(ann)
        async let outcome = second.take()
        await waitUntilWaiting(locks, 1)
        await clock.ring()
        #expect(await outcome == false)
        #expect(locks.waiting(for: ann) == 0)
        first.end()
        #expect(!locks.isHeld(ann))
        #expect(locks.isHeld(bob))
    }

    @Test("Who waits gets it when it is freed, the first first")
    func passesOn() async {
        let locks = MaildropLocks(timeLimit: Clock().timeLimit)
        let claims = (0..<3).map { _ in locks.claim(ann) }
        #expect(await claims[0].take())
        let second = Task { await claims[1].take() }
        await waitUntilWaiting(locks, 1)
        let third = Task { await claims[2].take() }
        await waitUntilWaiting(locks, 2)
        claims[0].end()
        #expect(await second.value)
        #expect(locks.waiting(for: ann) == 1)
        claims[1].end()
        #expect(await third.value)
        claims[2].end()
        #expect(!locks.isHeld(ann))
    }

    @Test("Who goes away while waiting does not get it, and the next one does")
    func leaves() async {
        let locks = MaildropLocks(timeLimit: Clock().timeLimit)
        let claims = (0..<3).map { _ in locks.claim(ann) }
        #expect(await claims[0].take())
        let second = Task { await claims[1].take() }
        await waitUntilWaiting(locks, 1)
        let third = Task { await claims[2].take() }
        await waitUntilWaiting(locks, 2)
        claims[1].end()
        #expect(await second.value == false)
        claims[0].end()
        #expect(await third.value)
        claims[2].end()
        #expect(!locks.isHeld(ann))
    }

    @Test("A claim that was ended before it was taken never holds; one that is dropped frees its lock")
    func neverLeaks() async {
        let locks = MaildropLocks(timeLimit: Clock().timeLimit)
        let early = locks.claim(ann)
        early.end()
        #expect(await early.take() == false)
        #expect(!locks.isHeld(ann))
        do {
            let dropped = locks.claim(ann)
            #expect(await dropped.take())
        }
        #expect(!locks.isHeld(ann))
    }

    @Test("A second login waits for the first session's end; after the time limit it is told [IN-USE]")
    func sessions() async throws {
        let clock = Clock()
        let locks = MaildropLocks(timeLimit: clock.timeLimit)
        try await Fixture.with(locks) { fixture in
            let account = try await fixture.ann
            var first = try await Player.loggedIn(fixture)
            let second = Task {
                var player = Player(fixture)
                return try await player.say("USER ann@here.test", "PASS secret", "QUIT")
            }
            while locks.waiting(for: account) == 0 { await Task.yield() }
            await clock.ring()
            #expect(
                try await second.value
                    == "+OK Password, please\r\n-ERR [IN-USE] Another session holds this mailbox\r\n+OK Goodbye\r\n")
            let third = Task {
                var player = Player(fixture)
                return try await player.say("USER ann@here.test", "PASS secret", "QUIT")
            }
            while locks.waiting(for: account) == 0 { await Task.yield() }
            _ = try await first.say("QUIT")
            #expect(
                try await third.value
                    == "+OK Password, please\r\n+OK Maildrop has 0 messages (0 octets)\r\n+OK Goodbye\r\n")
            #expect(!locks.isHeld(account))
        }
    }

    @Test("A waiting session whose connection is closed gives its place up, and one that is told late lets go")
    func closedWhileWaiting() async throws {
        let locks = MaildropLocks(timeLimit: Clock().timeLimit)
        try await Fixture.with(locks) { fixture in
            let account = try await fixture.ann
            var first = try await Player.loggedIn(fixture)
            let second = Player(fixture)
            let waiting = Task {
                var player = second
                return try await player.say("USER ann@here.test", "PASS secret")
            }
            while locks.waiting(for: account) == 0 { await Task.yield() }
            await second.session.closed()
            #expect(try await waiting.value.contains("-ERR"))
            #expect(locks.waiting(for: account) == 0)

            // As Transport does: the stream is closed at once, `closed()` comes when the request is answered.
            let third = Player(fixture)
            let late = Task {
                var player = third
                return try await player.say("USER ann@here.test", "PASS secret")
            }
            while locks.waiting(for: account) == 0 { await Task.yield() }
            third.responses.close()
            _ = try await first.say("QUIT")
            #expect(try await late.value.contains("-ERR"))
            #expect(!locks.isHeld(account))
        }
    }
}
