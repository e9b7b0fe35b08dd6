public import DNS
public import Execution
import Logging
import MailAuth
import MailCore
public import MessageStore
import Observation
import Synchronization
public import Transport

/// Sends what is queued: leases what is due, delivers it by destination, and records what came of it.
public actor Runner {
    let options: Options
    let store: any QueueStorage
    let resolver: any Resolver
    let files: BlockingPool
    let local: any LocalDelivery
    let signing: Signing?
    let policies: STSPolicies?
    let relayNames: RelayNames
    let now: @Sendable () -> Int64
    /// 0 to 1, anew at each call.
    let random: @Sendable () -> Double
    /// Where workers run; nil: on Swift's own threads.
    let executor: (@Sendable () -> any TaskExecutor)?
    /// Opens a connection; a simulation has its own.
    let dial: @Sendable (Target, ServerSecurity) async throws(Courier.Failure) -> any Conveyance
    let log = Log.logger("queue")
    /// Unique to this process' life, for whoever looks at the rows.
    let owner: String

    /// By destination: what is leased and not begun, and how many work on it.
    var lines: [Destination: Line] = [:]
    /// Destinations that have something and nobody at work, the longest waiting first.
    var unserved: [Destination] = []
    /// Workers whose connection rests.
    var idle: [Destination: [Idle]] = [:]
    var nextIdle = 0
    var paces: [Destination: Pace] = [:]
    var signatures = SignatureMemory()
    var signingKeys: [String: (keys: [DKIMKey], until: Int64)] = [:]
    /// For large messages, which are in memory whole while they are converted and sent.
    let conversions = Gate(2)
    var tlsResults: [TLSResult: Int] = [:]
    var tlsKeptAt: Int64 = 0
    private static let gatherTime = Duration.milliseconds(5)
    private var tookAt = ContinuousClock.now - Runner.gatherTime
    private var policiesKeptAt: Int64 = 0
    var reportedDay: Int64 = 0
    /// After midnight (UTC).
    let reportSeconds: Int64
    var reporting: Task<Void, Never>?
    private var upkeep: Task<Void, Never>?
    var heldCount = 0
    var workers: [Int: Task<Void, Never>] = [:]
    var nextWorker = 0
    private(set) var isStopped = false
    private var isFull = false
    private var wasWoken = false
    private var sleeper: CheckedContinuation<Void, Never>?
    private var loop: Task<Void, Never>?
    private var subscription: ChangeHub.Subscription?

    /// - Parameter random: 0 to 1; spreads retries and the servers of one preference.
    public init(
        options: Options, store: MessageStore, resolver: any Resolver, loops: EventLoops, files: BlockingPool,
        local: any LocalDelivery, signing: Signing? = nil, now: @escaping @Sendable () -> Int64,
        random: @escaping @Sendable () -> Double = { Double.random(in: 0...1) }
    ) {
        let fetcher = STSFetcher(resolver: resolver, loops: loops, authorities: options.authorities)
        let (hostname, authorities) = (options.hostname, options.authorities)
        let file = options.policyFile.map { STSCacheFile(path: $0, files: files) }
        let policies = STSPolicies(resolver: resolver, file: file, fetch: fetcher.fetch)
        self.init(
            options: options, store: store, resolver: resolver, files: files, local: local, signing: signing,
            policies: options.usesMTASTS ? policies : nil, executor: loops.executorForTask, now: now, random: random
        ) { (target, security) async throws(Courier.Failure) in
            try await Courier.open(target, security: security, hostname: hostname, authorities: authorities, on: loops)
        }
    }

    init(
        options: Options, store: any QueueStorage, resolver: any Resolver, files: BlockingPool,
        local: any LocalDelivery, signing: Signing?, policies: STSPolicies?,
        executor: (@Sendable () -> any TaskExecutor)? = nil, now: @escaping @Sendable () -> Int64,
        random: @escaping @Sendable () -> Double,
        dial: @escaping @Sendable (Target, ServerSecurity) async throws(Courier.Failure) -> any Conveyance
    ) {
        self.options = options
        self.store = store
        self.resolver = resolver
        self.files = files
        self.local = local
        self.signing = signing
        self.policies = policies
        self.executor = executor
        self.dial = dial
        self.now = now
        self.random = random
        reportSeconds = Int64(random() * 14_400)
        relayNames = RelayNames(files: files)
        owner = "\(now())-\(UInt32.random(in: 0...UInt32.max))"
    }

    public func start() {
        guard loop == nil, !isStopped else { return }
        let bell = Bell()
        subscription = store.onQueueChange { [weak self] in
            guard bell.ring() else { return }
            Task {
                bell.heard()
                await self?.wake()
            }
        }
        loop = Task { await run() }
    }

    /// Something is due, or may be.
    public func wake() {
        wasWoken = true
        sleeper?.resume()
        sleeper = nil
    }

    /// Takes nothing more, and gives what is under way so many seconds to end. What was not begun, or was cut off, is
    /// due again at the next start: twice rather than never.
    public func stop(withinSeconds: Int) async {
        isStopped = true
        subscription?.cancel()
        dismissIdle()
        wake()
        await loop?.value
        let running = Array(workers.values)
        let deadline = Task {
            try? await Task.sleep(for: .seconds(withinSeconds))
            for worker in running { worker.cancel() }
        }
        for worker in running { await worker.value }
        deadline.cancel()
        upkeep?.cancel()
        reporting?.cancel()
        await reporting?.value
        await giveBackHeld()
        await keepTLSResults(all: true)
        await policies?.save(now(), isLast: true)
    }

    private func run() async {
        while !isStopped {
            await gather()
            wasWoken = false
            do {
                while !isStopped, hasRoom, try await takeWhatIsDue() {}
                keepPoliciesUp()
                beginTLSReports()
                await sleep(seconds: try await secondsToNext())
            } catch {
                log.error("the queue cannot be read", metadata: ["error": "\(error.diagnostic)"])
                await sleep(seconds: 10)
            }
        }
    }

    /// What comes in a stream is taken in handfuls, since each time costs a transaction; what comes alone, at once.
    private func gather() async {
        let rest = tookAt + Self.gatherTime - ContinuousClock.now
        if rest > .zero { try? await Task.sleep(for: rest) }
        tookAt = .now
    }

    /// RFC 8461 §10.2: a policy of a domain that gets no mail must not end unseen.
    private func keepPoliciesUp() {
        guard let policies, now() >= policiesKeptAt + 3_600 else { return }
        policiesKeptAt = now()
        upkeep?.cancel()
        upkeep = Task { [now] in await policies.keepUp(now: now()) }
    }

    private var hasRoom: Bool {
        isFull = heldCount >= options.heldMax
        return !isFull
    }

    /// Whoever makes room in memory wakes the loop, so a full one needs no alarm.
    private func secondsToNext() async throws(StoreError) -> Int64 {
        guard !isFull, let next = try await store.nextQueueDue() else { return 300 }
        return min(max(next - now(), 1), 300)
    }

    func roomWasMade() {
        guard isFull, heldCount <= options.heldMax / 2 else { return }
        isFull = false
        wake()
    }

    private func sleep(seconds: Int64) async {
        guard !wasWoken, !isStopped else { return }
        let alarm = Task {
            try? await Task.sleep(for: .seconds(seconds))
            if !Task.isCancelled { wake() }
        }
        await withCheckedContinuation { sleeper = $0 }
        alarm.cancel()
    }
}

/// Turns many calls into one while nobody has come to answer.
private final class Bell: Sendable {
    private let isRinging = Atomic<Bool>(false)

    /// True for the first that rings.
    func ring() -> Bool { !isRinging.exchange(true, ordering: .acquiringAndReleasing) }

    func heard() { isRinging.store(false, ordering: .releasing) }
}
