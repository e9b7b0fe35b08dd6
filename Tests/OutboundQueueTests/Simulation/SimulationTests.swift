import Execution
import Glibc
import MailCore
import Synchronization
import Testing

@testable import MessageStore
@testable import OutboundQueue

/// Weeks of mail in milliseconds: the queue's own code over a store, a clock, names and servers that are made from a seed.
@Suite("Simulation", .timeLimit(.minutes(5))) struct SimulationTests {
    /// Another number by SIMULATION_SEEDS; one alone by SIMULATION_SEED, to look at a failure.
    private static let seeds: ClosedRange<UInt64> = {
        let environment = { (name: String) in getenv(name).flatMap { UInt64(String(cString: $0)) } }
        if let one = environment("SIMULATION_SEED") { return one...one }
        return 1...(environment("SIMULATION_SEEDS") ?? 1_000)
    }()

    @Test("Each recipient ends delivered or given up with its sender told; none early, none lost, none doubled")
    func ends() async throws {
        let pool = BlockingPool(name: "simulation", threads: 1, queueMax: 100)
        defer { pool.stop() }
        let lanes: UInt64 = 4
        await withTaskGroup(of: Void.self) { group in
            for lane in 0..<lanes {
                group.addTask {
                    for seed in Self.seeds where seed % lanes == lane {
                        let faults = await Simulation(seed, pool).run()
                        #expect(faults.isEmpty, "seed \(seed): \(faults.prefix(5))")
                    }
                }
            }
        }
    }
}

/// One seed's run.
struct Simulation {
    private static let stepsMax = 20_000
    private static let expirySeconds: Int64 = 432_000
    private static let connectionsMax = 5
    private static let connectionsPerDestinationMax = 3

    private let world: SimulatedWorld
    private let store: SimulatedStore
    private let pool: BlockingPool

    init(_ seed: UInt64, _ pool: BlockingPool) {
        let world = SimulatedWorld(seed)
        self.world = world
        store = SimulatedStore { world.now }
        self.pool = pool
    }

    /// - Returns: what went wrong.
    func run() async -> [String] {
        let rows = makeRows()
        var arriving = rows.sorted { $0.createdAt < $1.createdAt }[...]
        var runner = makeRunner()
        var steps = 0
        while steps < Self.stepsMax {
            steps += 1
            while let first = arriving.first, first.createdAt <= world.now {
                await store.add(first)
                arriving.removeFirst()
            }
            do {
                while try await runner.takeWhatIsDue() {}
            } catch {
                return ["the queue cannot be read"]
            }
            if world.numbers.isLucky(2) {
                // Cut off in the midst of it, and started again.
                await runner.stop(withinSeconds: 0)
                await store.restart()
                runner = makeRunner()
            } else {
                await runner.settled()
            }
            let next = [await store.nextQueueDue(), arriving.first?.createdAt].compactMap { $0 }.min()
            guard let next else { break }
            world.advance(to: next)
        }
        return await judge(rows, steps)
    }

    private func makeRows() -> [QueuedRecipient] {
        let numbers = world.numbers
        return (1...numbers.number(3..<9)).flatMap { message -> [QueuedRecipient] in
            let createdAt = world.now + Int64(numbers.number(0..<259_200))
            let isNotice = numbers.isLucky(10)
            let priority: QueuePriority = numbers.isLucky(30) ? .bulk : .person
            return (0..<numbers.number(1..<4)).map { place in
                let address = EmailAddress(
                    localPart: "r\(place)", domain: "d\(numbers.number(0..<world.tempers.count)).test")
                return QueuedRecipient(
                    key: QueueKey(queueID: Int64(message), recipient: "\(address)"), recipient: address,
                    routeDomain: address.domain, state: .waiting, nextAttemptAt: createdAt, attempts: 0,
                    lastReply: nil, reversePath: isNotice ? .null : .address(Self.sender), options: "",
                    needs: [], messageNotification: MessageNotification(), notification: RecipientNotification(),
                    createdAt: createdAt, expiresAt: createdAt + Self.expirySeconds,
                    body: BodyReference(
                        bodyID: Int64(message), octetCount: 14, digest: [], segment: 1, offset: 0, storedLength: 14,
                        codec: 0),
                    priority: priority, delayToldAt: nil, route: nil)
            }
        }
    }

    private static let sender = EmailAddress(localPart: "ann", domain: "here.test")

    private func makeRunner() -> Runner {
        var options = Runner.Options(hostname: "mail.here.test", route: .exchangers)
        options.idleSeconds = 0
        options.connectionsMax = world.numbers.number(1..<Self.connectionsMax + 1)
        options.connectionsPerDestinationMax = world.numbers.number(1..<Self.connectionsPerDestinationMax + 1)
        options.batchMax = world.numbers.number(1..<20)
        options.heldMax = world.numbers.number(4..<40)
        options.heldPerDestinationMax = world.numbers.number(1..<20)
        let world = world
        return Runner(
            options: options, store: store, resolver: world, files: pool, local: world, signing: nil, policies: nil,
            now: { world.now }, random: { world.numbers.fraction }
        ) { (target, _) async throws(Courier.Failure) in try SimulatedConveyance(world, target) }
    }

    // MARK: What must hold

    private func judge(_ rows: [QueuedRecipient], _ steps: Int) async -> [String] {
        var faults = await store.faults
        if steps == Self.stepsMax { faults.append("it does not end") }
        let most = world.mostOpen
        if most.one > Self.connectionsPerDestinationMax || most.all > Self.connectionsMax {
            faults.append("\(most.one) connections to one domain, \(most.all) in all")
        }
        let (sent, bounced) = (await store.sent, await store.bounced)
        let (received, refused, unsure, notices) = (world.received, world.refused, world.unsure, world.notices)
        for row in rows {
            let item = SimulatedWorld.Received(queueID: row.key.queueID, recipient: row.key.recipient)
            let name = "\(row.key.recipient) of message \(row.key.queueID)"
            let copies = received[item] ?? 0
            switch (sent[row.key], bounced[row.key]) {
            case (.some, nil): if copies == 0 { faults.append("\(name) is lost: no server has it") }
            case (nil, let at?):
                if copies > 0, !unsure.contains(item) { faults.append("\(name) was given up although it is there") }
                let isFinal = refused.contains(item) || isDead(row.routeDomain)
                if !isFinal, at < row.expiresAt { faults.append("\(name) was given up before its time") }
                let told = notices.filter {
                    $0.text.contains("Final-Recipient: rfc822; \(row.key.recipient)\r\nAction: failed")
                        && $0.text.contains("<bounce.\(row.key.queueID).")
                }
                let isTold = row.reversePath == .null ? told.isEmpty : !told.isEmpty
                if !isTold { faults.append("the sender of \(name) was told \(told.count) times") }
                if at > row.expiresAt + 86_400 { faults.append("\(name) was kept too long") }
            case (nil, nil): faults.append("\(name) is neither sent nor given up")
            case (.some, .some): faults.append("\(name) is both sent and given up")
            }
            if copies > 1, !unsure.contains(item) { faults.append("\(name) was delivered \(copies) times") }
        }
        return faults
    }

    private func isDead(_ domain: String) -> Bool {
        guard let number = world.number(of: domain) else { return true }
        return world.tempers[number] == .absent || world.tempers[number] == .nullMX
    }
}

extension Runner {
    /// Waits until nobody works.
    func settled() async {
        while let worker = workers.values.first { await worker.value }
    }
}
