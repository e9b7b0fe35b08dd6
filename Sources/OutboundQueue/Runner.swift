public import DNS
public import Execution
import Logging
import MailCore
public import MessageStore
import Observation
import SMTP
public import Transport

/// Sends what is queued: picks what is due, leases it, delivers it by destination, and records what came of it.
public actor Runner {
    public struct Options: Sendable {
        /// What we call ourselves in EHLO, and who signs bounces.
        public var hostname: String
        public var route: Route
        /// Where the mail of other servers is taken; 25, but for tests.
        public var exchangerPort = 25
        /// Connections at once, to all destinations and to one.
        public var connectionsMax = 50
        public var connectionsPerDestinationMax = 8
        /// Recipients taken from the store at a time.
        public var batchMax = 500
        /// PEM with the authorities that a required TLS is checked by; nil for the system's.
        public var authoritiesFile: String?

        public init(hostname: String, route: Route) {
            self.hostname = hostname
            self.route = route
        }
    }

    let options: Options
    let store: MessageStore
    let resolver: any Resolver
    let loops: EventLoops
    let files: BlockingPool
    let local: any LocalDelivery
    let now: @Sendable () -> Int64
    let log = Log.logger("queue")
    /// Unique to this process' life, so that leases of an earlier one are known as such.
    let owner: String

    private var busy: [String: Int] = [:]
    private var workers: [Int: Task<Void, Never>] = [:]
    private var nextWorker = 0
    private var isStopped = false
    private var wasWoken = false
    private var sleeper: CheckedContinuation<Void, Never>?
    private var loop: Task<Void, Never>?
    private var subscription: ChangeHub.Subscription?

    public init(
        options: Options, store: MessageStore, resolver: any Resolver, loops: EventLoops, files: BlockingPool,
        local: any LocalDelivery, now: @escaping @Sendable () -> Int64
    ) {
        self.options = options
        self.store = store
        self.resolver = resolver
        self.loops = loops
        self.files = files
        self.local = local
        self.now = now
        owner = "\(now())-\(UInt32.random(in: 0...UInt32.max))"
    }

    public func start() {
        guard loop == nil, !isStopped else { return }
        subscription = store.hub.subscribeToQueue { [weak self] in
            guard let self else { return }
            Task { await self.wake() }
        }
        loop = Task { await run() }
    }

    /// Something is due, or may be.
    public func wake() {
        wasWoken = true
        sleeper?.resume()
        sleeper = nil
    }

    /// Takes nothing more, and gives what is under way a moment to end. What was not told to the store is tried again
    /// after the next start: twice rather than never.
    public func stop(withinSeconds: Int) async {
        isStopped = true
        subscription?.cancel()
        wake()
        await loop?.value
        let running = Array(workers.values)
        let deadline = Task {
            try? await Task.sleep(for: .seconds(withinSeconds))
            for worker in running { worker.cancel() }
        }
        for worker in running { await worker.value }
        deadline.cancel()
    }

    private func run() async {
        while !isStopped {
            wasWoken = false
            do {
                try await startWhatIsDue()
                let next = try await store.nextQueueDue()
                // What is due and waits for a place at its destination is looked at when a worker ends.
                let wait = next.map { min(max($0 - now(), 1), 300) } ?? 300
                await sleep(seconds: wait)
            } catch {
                log.error("the queue cannot be read", metadata: ["error": "\(error.diagnostic)"])
                await sleep(seconds: 10)
            }
        }
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

    private func startWhatIsDue() async throws(StoreError) {
        guard workers.count < options.connectionsMax else { return }
        let due = try await store.dueQueue(now: now(), limit: options.batchMax)
        let groups = Consignment.grouped(due) { destination(of: $0) }
        for (destination, consignments) in groups where !isStopped {
            let places = min(
                options.connectionsPerDestinationMax - busy[destination, default: 0],
                options.connectionsMax - workers.count)
            guard places > 0 else { continue }
            // Spread over the connections; a connection that has much to send keeps going with it.
            let shares = min(places, consignments.count)
            for share in 0..<shares {
                let mine = stride(from: share, to: consignments.count, by: shares).map { consignments[$0] }
                let leased = try await lease(mine)
                if !leased.isEmpty { startWorker(destination, leased) }
            }
        }
        if due.count == options.batchMax { wasWoken = true }
    }

    private func lease(_ consignments: [Consignment]) async throws(StoreError) -> [Consignment] {
        let keys = Set(try await store.leaseQueue(consignments.flatMap(\.keys), owner: owner, until: now() + 3_600))
        return consignments.compactMap { consignment in
            var mine = consignment
            mine.recipients = consignment.recipients.filter { keys.contains($0.key) }
            return mine.recipients.isEmpty ? nil : mine
        }
    }

    private func startWorker(_ destination: String, _ consignments: [Consignment]) {
        busy[destination, default: 0] += 1
        let number = nextWorker
        nextWorker += 1
        workers[number] = Task {
            switch options.route {
            case .captured(let folder): await capture(consignments, in: folder)
            case .relayed, .exchangers: await send(consignments, to: destination)
            }
            workerEnded(number, destination)
        }
    }

    private func workerEnded(_ number: Int, _ destination: String) {
        workers[number] = nil
        let left = busy[destination, default: 1] - 1
        busy[destination] = left > 0 ? left : nil
        wake()
    }

    private func destination(of recipient: QueuedRecipient) -> String {
        switch options.route {
        case .captured: "captured"
        case .relayed(let host, let port): "\(host):\(port)"
        case .exchangers: recipient.routeDomain
        }
    }
}
