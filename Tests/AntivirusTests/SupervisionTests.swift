import Antivirus
import Glibc
import Testing

@Suite("What happens when the scanner or a worker dies or hangs")
struct SupervisionTests {
    /// Waits, by asking, until the status is as wanted.
    static func status(of scanner: Scanner, _ isWanted: (ScannerStatus) -> Bool) async -> ScannerStatus {
        while true {
            let status = await scanner.status()
            if isWanted(status) { return status }
            await Task.yield()
        }
    }

    @Test("A worker killed at work: the message is tried once more by another, and is clean")
    func oneDeath() async throws {
        var fixture = try Fixture()
        fixture.configuration.workers = 1
        try await fixture.withScanner { scanner in
            let worker = try #require(await Self.status(of: scanner) { $0.state == .running }.workers.first)
            kill(worker, SIGSTOP)
            async let outcome = scanner.scan(.octets(Samples.clean), digest: "d")
            _ = await Self.status(of: scanner) { $0.busyWorkers == 1 }
            kill(worker, SIGKILL)
            #expect(await outcome == .clean)
            let after = await scanner.status()
            #expect(after.workers != [worker])
            #expect(after.restarts == 0)
        }
    }

    @Test("Two workers killed by one message: it cannot be checked, and is never asked for again")
    func twoDeaths() async throws {
        try await Fixture().withScanner { scanner in
            let workers = await Self.status(of: scanner) { $0.state == .running }.workers
            for worker in workers { kill(worker, SIGSTOP) }
            async let outcome = scanner.scan(.octets(Samples.clean), digest: "bad")
            _ = await Self.status(of: scanner) { $0.busyWorkers == 1 }
            kill(workers[0], SIGKILL)
            _ = await Self.status(of: scanner) { $0.busyWorkers == 1 && $0.workers.first != workers[0] }
            kill(workers[1], SIGKILL)
            #expect(await outcome.isUnchecked)
            #expect(await scanner.scan(.octets(Samples.clean), digest: "bad").isUnchecked)
            #expect(await scanner.scan(.octets(Samples.clean), digest: "other") == .clean)
        }
    }

    @Test("A scan that hangs is ended at its time limit, is remembered, and stops nobody else")
    func hangs() async throws {
        var fixture = try Fixture()
        fixture.configuration.scanSeconds = 1
        try await fixture.withScanner { scanner in
            let workers = await Self.status(of: scanner) { $0.state == .running }.workers
            kill(workers[0], SIGSTOP)
            async let stuck = scanner.scan(.octets(Samples.clean), digest: "stuck")
            _ = await Self.status(of: scanner) { $0.busyWorkers == 1 }
            #expect(await scanner.scan(.octets(Samples.clean), digest: nil) == .clean)
            #expect(await stuck.isUnchecked)
            #expect(await scanner.scan(.octets(Samples.clean), digest: "stuck").isUnchecked)
        }
    }

    @Test("The scanner killed at work: the message waits for another day, the next one is scanned by a new scanner")
    func scannerDies() async throws {
        try await Fixture().withScanner { scanner in
            let before = await Self.status(of: scanner) { $0.state == .running }
            for worker in before.workers { kill(worker, SIGSTOP) }
            async let outcome = scanner.scan(.octets(Samples.clean), digest: nil)
            _ = await Self.status(of: scanner) { $0.busyWorkers == 1 }
            kill(before.process, SIGKILL)
            #expect(await outcome.isUnavailable)
            #expect(await scanner.scan(.octets(Samples.attaching(Samples.eicar, name: "e")), digest: nil).isInfected)
            let after = await scanner.status()
            #expect(after.restarts == 1)
            #expect(after.process != before.process)
            // The old workers died with it, though they were stopped.
            for worker in before.workers + [before.spfWorker] { while kill(worker, 0) == 0 { await Task.yield() } }
        }
    }

    @Test("A scanner that cannot be started is said to be so at once")
    func missing() async throws {
        var fixture = try Fixture()
        fixture.configuration.executable = "/nonexistent/postino-scanner"
        try await fixture.withScanner { scanner in
            while true {
                if case .stopped = await scanner.status().state { break }
                await Task.yield()
            }
            #expect(await scanner.scan(.octets(Samples.clean), digest: nil).isUnavailable)
        }
    }

    @Test("A full queue turns scans away; a cancelled scan ends at once; stop answers those who wait")
    func queue() async throws {
        var fixture = try Fixture()
        fixture.configuration.workers = 1
        fixture.configuration.queueMax = 1
        try await fixture.withScanner { scanner in
            let worker = try #require(await Self.status(of: scanner) { $0.state == .running }.workers.first)
            kill(worker, SIGSTOP)
            // Two are sent (twice the workers), one waits.
            let waiting = await withTaskGroup(of: ScanOutcome.self) { group in
                for count in 1...3 {
                    group.addTask { await scanner.scan(.octets(Samples.clean), digest: nil) }
                    _ = await Self.status(of: scanner) { $0.pending >= count }
                }
                #expect(await scanner.scan(.octets(Samples.clean), digest: nil).isUnavailable)
                group.cancelAll()
                return await group.reduce(into: [ScanOutcome]()) { $0.append($1) }
            }
            #expect(waiting.count == 3 && waiting.allSatisfy(\.isUnavailable))
            async let last = scanner.scan(.octets(Samples.clean), digest: nil)
            _ = await Self.status(of: scanner) { $0.pending >= 1 }
            await scanner.stop()
            #expect(await last.isUnavailable)
            #expect(await scanner.scan(.octets(Samples.clean), digest: nil).isUnavailable)
        }
    }
}
