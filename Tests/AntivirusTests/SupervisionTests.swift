import Antivirus
import Glibc
import Testing

@Suite("What happens when the scanner or a worker dies or hangs")
struct SupervisionTests {
    /// Waits, by asking, until the status is as wanted.
    static func status(of scanner: Scanner, _ isWanted: (ScannerStatus) -> Bool) async -> ScannerStatus {
        let start = ContinuousClock.now
        while true {
            let status = await scanner.status()
            if isWanted(status) { return status }
            if ContinuousClock.now - start > .seconds(60) {
                Issue.record("not so within 60 s: \(status)")
                return status
            }
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
            for worker in before.workers + [before.spfWorker] {
                // A dead process that nobody has waited for has no descriptors left.
                while let held = try? Fixture.entries("/proc/\(worker)/fd"), !held.isEmpty { await Task.yield() }
            }
        }
    }

    @Test("No process of the scanner inherits a descriptor, and a worker holds nothing but its own socket")
    func descriptors() async throws {
        // Not closed on exec, as a library might forget.
        let stray = open("/dev/null", O_RDONLY)
        defer { close(stray) }
        try await Fixture().withScanner { scanner in
            let status = await Self.status(of: scanner) { $0.state == .running }
            #expect(await scanner.scan(.octets(Samples.clean), digest: nil) == .clean)
            for worker in status.workers + [status.spfWorker] {
                try #expect(Fixture.entries("/proc/\(worker)/fd") == ["0", "1", "2", "3"])
            }
            // 3 is the socket to the server, 4 that to the generation.
            try #expect(Fixture.entries("/proc/\(status.process)/fd") == ["0", "1", "2", "3", "4"])
        }
    }

    @Test("What a worker unpacked is gone when the scan is done, and when the worker is killed")
    func temporaryFiles() async throws {
        var fixture = try Fixture()
        fixture.configuration.workers = 1
        let work = fixture.configuration.temporaryFolder
        try await fixture.withScanner { scanner in
            #expect(
                await scanner.scan(.octets(Samples.attaching(ScanTests.zipped, name: "e.zip")), digest: nil).isInfected)
            let worker = try #require(await scanner.status().workers.first)
            let before = try Fixture.entries(work)
            #expect(before.count == 1)
            try #expect(Fixture.entries("\(work)/\(before[0])").isEmpty)
            #expect(close(open("\(work)/\(before[0])/left", O_CREAT | O_WRONLY, 0o600)) == 0)
            kill(worker, SIGKILL)
            _ = await Self.status(of: scanner) { $0.workers.first != worker }
            let after = try Fixture.entries(work)
            #expect(after.count == 1 && after != before)
            await scanner.stop()
            try #expect(Fixture.entries(work).isEmpty)
        }
    }

    @Test("A folder for temporary files that others may write to is refused, and nothing in it is touched")
    func foreignTemporaryFolder() async throws {
        let fixture = try Fixture()
        let work = fixture.configuration.temporaryFolder
        mkdir(work, 0o700)
        chmod(work, 0o777)
        mkdir("\(work)/w-precious", 0o700)
        try await fixture.withScanner { scanner in
            _ = await Self.status(of: scanner) { if case .stopped = $0.state { true } else { false } }
            try #expect(Fixture.entries(work) == ["w-precious"])
        }
    }

    @Test("The process that holds the signatures killed at work: all of the scanner is started again")
    func generationDies() async throws {
        try await Fixture().withScanner { scanner in
            let before = await Self.status(of: scanner) { $0.state == .running }
            let path = "/proc/\(before.process)/task/\(before.process)/children"
            let children = String(decoding: try Fixture.read(path), as: UTF8.self)
            let generation = try #require(children.split(separator: " ").first.flatMap { Int32($0) })
            for worker in before.workers { kill(worker, SIGSTOP) }
            async let outcome = scanner.scan(.octets(Samples.clean), digest: nil)
            _ = await Self.status(of: scanner) { $0.busyWorkers == 1 }
            kill(generation, SIGKILL)
            #expect(await outcome.isUnavailable)
            #expect(await scanner.scan(.octets(Samples.clean), digest: nil) == .clean)
            #expect(await scanner.status().restarts == 1)
        }
    }

    @Test("A scanner that cannot be started is said to be so at once")
    func missing() async throws {
        var fixture = try Fixture()
        fixture.configuration.executable = "/nonexistent/postino-scanner"
        try await fixture.withScanner { scanner in
            _ = await Self.status(of: scanner) { if case .stopped = $0.state { true } else { false } }
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
            // Two are sent (twice the workers) and one waits: no more than three of ten are kept.
            await withTaskGroup(of: ScanOutcome.self) { group in
                for _ in 0..<10 { group.addTask { await scanner.scan(.octets(Samples.clean), digest: nil) } }
                for _ in 0..<7 {
                    let turnedAway = await group.next()
                    #expect(turnedAway?.isUnavailable == true)
                }
                group.cancelAll()
                for await outcome in group { #expect(outcome.isUnavailable) }
            }
            #expect(await scanner.status().pending == 0)
            async let last = scanner.scan(.octets(Samples.clean), digest: nil)
            _ = await Self.status(of: scanner) { $0.pending >= 1 }
            await scanner.stop()
            #expect(await last.isUnavailable)
            #expect(await scanner.scan(.octets(Samples.clean), digest: nil).isUnavailable)
        }
    }
}
