import MailCore
import MessageStore
import Synchronization
import Testing

@testable import OutboundQueue

@Suite("Taking turns", .timeLimit(.minutes(2))) struct SchedulingTests {
    @Test("Several messages go over one connection; a used-up one is followed by the next without a delay")
    func reuses() async throws {
        try await Bed.with { bed in
            let seen = Atomic<Int>(0)
            let server = try await FakeServer(on: bed.loops) { connection, event in
                guard connection == 0, case .command(let line) = event, line.hasPrefix("MAIL") else { return nil }
                // RFC 5321 §3.8: after three messages this one has had enough.
                return seen.wrappingAdd(1, ordering: .relaxed).oldValue == 3 ? .sayAndClose("421 4.7.0 enough") : nil
            }
            let runner = bed.runner(resolver: SendTests.zone, port: server.port)
            for number in 0..<5 { try await bed.queue("x@a.test", subject: "Number \(number)") }
            await runner.start()
            try await bed.untilEmpty()
            #expect(server.accepted.map(\.connection) == [0, 0, 0, 1, 1])
            #expect(Set(server.accepted.map(\.octets)).count == 5 && server.connections == 2)
            await runner.stop(withinSeconds: 5)
            await server.stop()
        }
    }

    @Test("A destination that hangs with all its mail in front does not hold up another")
    func isFair() async throws {
        try await Bed.with { bed in
            let hanging = try await FakeServer(on: bed.loops) { _, _ in .silence }
            let server = try await FakeServer(host: "127.0.0.2", port: hanging.port, on: bed.loops)
            let runner = bed.runner(resolver: SendTests.zone, port: hanging.port) { options in
                options.batchMax = 3
                options.heldPerDestinationMax = 4
                options.connectionsPerDestinationMax = 1
            }
            for _ in 0..<20 { try await bed.queue("x@plain.test") }
            try await bed.queue("y@b.test")
            await runner.start()
            try await bed.until { rows in !rows.contains { $0.routeDomain == "b.test" } }
            let rows = try await bed.rows
            #expect(rows.count == 20 && rows.filter { $0.state == .leased }.count <= 6)
            // The others are looked at again later, a share at a time, and no attempt is counted.
            let later = Dictionary(grouping: rows.filter { $0.state == .waiting }) { $0.nextAttemptAt - bed.time }
            #expect(later.keys.sorted().starts(with: [10, 20, 30]) && later.values.allSatisfy { $0.count <= 4 })
            #expect(rows.allSatisfy { $0.attempts == 0 })
            await runner.stop(withinSeconds: 0)
            #expect(try await bed.rows.allSatisfy { $0.state == .waiting && $0.attempts == 0 })
            await hanging.stop()
            await server.stop()
        }
    }

    @Test("With no place free a destination waits for one, and gets it before another has sent all of its mail")
    func givesWay() async throws {
        try await Bed.with { bed in
            let server = try await FakeServer(on: bed.loops)
            let runner = bed.runner(resolver: SendTests.zone, port: server.port) { $0.connectionsMax = 1 }
            for _ in 0..<50 { try await bed.queue("x@plain.test") }
            try await bed.queue("y@a.test")
            await runner.start()
            try await bed.untilEmpty()
            let place = server.accepted.firstIndex { $0.recipients == ["y@a.test"] } ?? 0
            #expect(place == Runner.messagesPerTurn && server.accepted.count == 51)
            await runner.stop(withinSeconds: 5)
            await server.stop()
        }
    }

    @Test("Memory is bounded, and what did not fit is taken when there is room, without an alarm")
    func isBounded() async throws {
        try await Bed.with { bed in
            let server = try await FakeServer(on: bed.loops)
            let runner = bed.runner(resolver: SendTests.zone, port: server.port) { options in
                options.heldMax = 6
                options.batchMax = 4
            }
            for _ in 0..<60 { try await bed.queue("x@a.test") }
            await runner.start()
            try await bed.untilEmpty()
            #expect(server.accepted.count == 60)
            await runner.stop(withinSeconds: 5)
            await server.stop()
        }
    }

    @Test("What one attempt finds dead is not tried message by message")
    func failsTogether() async throws {
        try await Bed.with { bed in
            let server = try await FakeServer(on: bed.loops) { _, event in
                event == .connected ? .sayAndClose("421 4.3.2 closed") : nil
            }
            let runner = bed.runner(resolver: SendTests.zone, port: server.port) { $0.connectionsPerDestinationMax = 1 }
            for _ in 0..<30 { try await bed.queue("x@a.test") }
            await runner.start()
            try await bed.untilTried(1)
            #expect(server.connections <= 2)
            #expect(try await bed.rows.allSatisfy { $0.lastReply == "421 4.3.2 closed" })
            await runner.stop(withinSeconds: 5)
            await server.stop()
        }
    }

    @Test("stop() ends within its time though a server never answers, and no attempt is counted")
    func stops() async throws {
        try await Bed.with { bed in
            let greeted = Atomic<Bool>(false)
            let server = try await FakeServer(on: bed.loops) { _, event in
                guard event == .message else { return nil }
                greeted.store(true, ordering: .releasing)
                return .silence
            }
            let runner = bed.runner(resolver: SendTests.zone, port: server.port)
            try await bed.queue("x@a.test")
            await runner.start()
            while !greeted.load(ordering: .acquiring) { await Task.yield() }
            let begun = ContinuousClock.now
            await runner.stop(withinSeconds: 0)
            // The server's silence would take minutes.
            #expect(ContinuousClock.now - begun < .seconds(60))
            let rows = try await bed.rows
            #expect(rows.map(\.state) == [.waiting] && rows.map(\.attempts) == [0])
            await server.stop()
        }
    }

    @Test("Rows that were leased when the process ended are due at once at the next start")
    func restarts() async throws {
        try await withFolder { folder in
            let first = try Bed(folder)
            try await first.queue("x@a.test")
            let ended = first.runner(resolver: SendTests.zone) { $0.connectionsMax = 0 }
            _ = try await ended.takeWhatIsDue()
            #expect(try await first.rows.map(\.state) == [.leased])
            await first.close()
            let bed = try Bed(folder)
            let server = try await FakeServer(on: bed.loops)
            let runner = bed.runner(resolver: SendTests.zone, port: server.port)
            await runner.start()
            try await bed.untilEmpty()
            #expect(server.accepted.count == 1)
            await runner.stop(withinSeconds: 5)
            await server.stop()
            await bed.close()
        }
    }

    @Test("Each recipient of a message that outlives its time is given up once, with a notice")
    func expires() async throws {
        try await Bed.with { bed in
            let server = try await FakeServer(on: bed.loops) { _, event in
                event == .message ? .say("452 4.2.2 full") : nil
            }
            let runner = bed.runner(resolver: SendTests.zone, port: server.port)
            try await bed.queue("x@a.test", expiresAfterSeconds: 100)
            await runner.start()
            try await bed.untilTried(1)
            // The retry after 120 s would come too late.
            let row = try await bed.rows[0]
            #expect(row.nextAttemptAt == row.expiresAt)
            bed.advance(row.expiresAt - bed.time)
            await runner.wake()
            try await bed.untilEmpty()
            #expect(bed.notices.count == 1 && server.connections == 2)
            #expect(bed.notices.texts[0].contains("\r\nStatus: 4.4.7\r\n"))
            #expect(bed.notices.texts[0].contains("\r\nDiagnostic-Code: smtp; 452 4.2.2 full\r\n"))
            await runner.stop(withinSeconds: 5)
            await server.stop()
        }
    }

    @Test("A person's mail overtakes all bulk mail that waits, and a bulk flood leaves it a connection")
    func personsFirst() async throws {
        try await Bed.with { bed in
            let server = try await FakeServer(on: bed.loops)
            let runner = bed.runner(resolver: SendTests.zone, port: server.port) {
                $0.connectionsPerDestinationMax = 1
                $0.batchMax = 10
            }
            for _ in 0..<30 { try await bed.queue(["bulk@a.test"], priority: .bulk) }
            try await bed.queue("person@a.test")
            await runner.start()
            try await bed.untilEmpty()
            #expect(server.accepted.first?.recipients == ["person@a.test"] && server.accepted.count == 31)
            await runner.stop(withinSeconds: 5)
            await server.stop()
        }
    }

    @Test("A connection rests open for a moment, and what comes goes over it")
    func rests() async throws {
        try await Bed.with { bed in
            let server = try await FakeServer(on: bed.loops)
            let runner = bed.runner(resolver: SendTests.zone, port: server.port) { $0.idleSeconds = 60 }
            await runner.start()
            for _ in 0..<5 {
                try await bed.queue("x@a.test")
                try await bed.untilEmpty()
            }
            #expect(server.connections == 1 && server.accepted.count == 5)
            await runner.stop(withinSeconds: 5)
            #expect(server.commands.last == "QUIT")
            await server.stop()
        }
    }

    @Test("A resting connection that the server has closed costs the next message nothing")
    func restsInVain() async throws {
        try await Bed.with { bed in
            let server = try await FakeServer(on: bed.loops) { connection, event in
                connection == 0 && event == .message ? .sayAndClose("250 2.0.0 taken and gone") : nil
            }
            let runner = bed.runner(resolver: SendTests.zone, port: server.port) { $0.idleSeconds = 60 }
            await runner.start()
            for _ in 0..<2 {
                try await bed.queue("x@a.test")
                try await bed.untilEmpty()
            }
            #expect(server.connections == 2 && server.accepted.count == 2)
            await runner.stop(withinSeconds: 5)
            await server.stop()
        }
    }
}
