import ScannerWire
import Synchronization

/// The scanner: a process of its own (`postino-scanner`), in which libclamav and libspf2 meet what strangers write.
///
/// It is started at once, watched, and started again when it dies. Until its signatures are loaded requests wait.
public final class Scanner: MessageScanning, Sendable {
    let link: Link
    private let stops = Mutex(StopMemory())
    private var configuration: ScannerConfiguration { link.configuration }

    public init(_ configuration: ScannerConfiguration) {
        link = Link(configuration, log: LinkLog())
        link.start()
    }

    deinit { link.letGo() }

    /// Scans octets. Answers within `answerSeconds`, at most twice that when the scanner's worker died; ends early,
    /// with `unavailable`, when the task is cancelled.
    public func scan(_ source: ScanSource, digest: String?) async -> ScanOutcome {
        if stops.withLock({ $0.isGivenUp(digest) }) {
            return .cannotCheck(reason: "this message stopped the scanner before")
        }
        let handover: Handover
        do throws(Handover.Failure) { handover = try Handover(source) } catch {
            return .unavailable(reason: error.reason)
        }
        guard handover.octets <= configuration.scanOctetsMax else {
            return .cannotCheck(reason: "larger than \(configuration.scanOctetsMax) octets")
        }
        let kind = source.isMessage ? ScanKind.message : .file
        for _ in 0..<StopMemory.killsMax {
            switch await link.ask(.scan(kind), handover: handover, seconds: configuration.answerSeconds) {
            case .unavailable(let reason): return .unavailable(reason: reason)
            case .answer(.scan(let result)):
                if let outcome = outcome(of: result, digest) { return outcome }
            case .answer(.busy): return .unavailable(reason: "the scanner has too much to do")
            case .answer: return .unavailable(reason: "the scanner answered something else")
            }
        }
        return .cannotCheck(reason: "this message stops the scanner")
    }

    /// Nil when it is worth another try.
    private func outcome(of result: ScanResult, _ digest: String?) -> ScanOutcome? {
        switch result {
        case .cannotCheck(.workerDied, _):
            let isGivenUp = stops.withLock { stops in
                stops.died(digest)
                return stops.isGivenUp(digest)
            }
            return isGivenUp ? .cannotCheck(reason: "this message stops the scanner") : nil
        case .cannotCheck(.timeLimit, let detail):
            stops.withLock { $0.died(digest, times: StopMemory.killsMax) }
            return .cannotCheck(reason: "takes too long to scan: \(detail)")
        case .cannotCheck(.unreadable, let detail): return .unavailable(reason: detail)
        case .cannotCheck(_, let detail): return .cannotCheck(reason: detail)
        case .clean:
            stops.withLock { $0.scanned(digest) }
            return .clean
        case .infected(let name):
            stops.withLock { $0.scanned(digest) }
            return .infected(name)
        }
    }

    /// What the scanner is doing. Answers within two seconds.
    public func status() async -> ScannerStatus {
        let reply = await link.ask(.status, seconds: 2)
        let (phase, restarts, pending, process) = link.snapshot
        var status = ScannerStatus(state: .starting)
        if case .down(let reason) = phase { status.state = .stopped(reason: reason) }
        status.restarts = restarts
        status.pending = pending
        status.process = process
        guard case .answer(.status(let facts)) = reply else { return status }
        status.state = .running
        status.signatures = Int(facts.signatures)
        status.newestSignatureTime = facts.databaseTime > 0 ? facts.databaseTime : nil
        status.databaseVersion = facts.databaseVersion > 0 ? Int(facts.databaseVersion) : nil
        status.engineVersion = facts.engineVersion
        status.generation = Int(facts.generation)
        status.workers = facts.workers
        status.spfWorker = facts.spfWorker
        status.busyWorkers = Int(facts.busyWorkers)
        status.problem = facts.problem.isEmpty ? nil : facts.problem
        return status
    }

    /// Loads the signatures again (a change in their folder is also noticed by itself). Requests are served meanwhile.
    ///
    /// - Returns: nil when the new ones are in use; else why the old ones still are.
    @discardableResult
    public func reload() async -> String? {
        switch await link.ask(.reload, seconds: 600) {
        case .answer(.reloaded(let problem)): problem
        case .unavailable(let reason): reason
        case .answer: "the scanner answered something else"
        }
    }

    /// Ends the scanner; requests under way become `unavailable`. Returns when its process is gone.
    public func stop() async { await link.stop() }
}
