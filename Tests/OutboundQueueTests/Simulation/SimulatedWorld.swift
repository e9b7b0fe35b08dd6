import DNS
import MailCore
import NIOCore
import SMTP
import Synchronization

@testable import MessageStore
@testable import OutboundQueue

/// Time, names and servers, all from one seed.
final class SimulatedWorld: Sendable {
    /// How the servers of a domain are.
    enum Temper: CaseIterable, Sendable {
        case good, greylisting, flaky, refusing, hopeless, out, nullMX, absent, unnamed, slow
    }

    struct Received: Hashable, Sendable {
        var queueID: Int64
        var recipient: String
    }

    private struct State {
        var received: [Received: Int] = [:]
        /// The server has it, and its answer was lost: another copy is not our fault.
        var unsure: Set<Received> = []
        var refused: Set<Received> = []
        var firstSeen: [Received: Int64] = [:]
        var notices: [(text: String, recipient: EmailAddress)] = []
        /// By domain: connections that are open, and the most there ever were.
        var open: [Int: Int] = [:]
        var openMost = 0
        var openAllMost = 0
    }

    let seed: UInt64
    let numbers: SeededNumbers
    let clock = Atomic<Int64>(1_800_000_000)
    let tempers: [Temper]
    /// From when to when the servers of a domain, or its names, are away.
    let outages: [Range<Int64>]
    private let state = Mutex(State())

    init(_ seed: UInt64) {
        self.seed = seed
        let numbers = SeededNumbers(seed)
        self.numbers = numbers
        let count = numbers.number(2..<6)
        tempers = (0..<count).map { _ in Temper.allCases[numbers.number(0..<Temper.allCases.count)] }
        outages = (0..<count).map { _ in
            let start = 1_800_000_000 + Int64(numbers.number(0..<200_000))
            return start..<(start + Int64(numbers.number(0..<700_000)))
        }
    }

    var now: Int64 { clock.load(ordering: .relaxed) }
    func advance(to time: Int64) { clock.store(max(now + 1, time), ordering: .relaxed) }

    func number(of domain: String) -> Int? {
        guard domain.hasPrefix("d"), let dot = domain.firstIndex(of: ".") else { return nil }
        return Int(domain.dropFirst().prefix(upTo: dot)).flatMap { tempers.indices.contains($0) ? $0 : nil }
    }

    func isOut(_ number: Int) -> Bool { outages[number].contains(now) }

    var received: [Received: Int] { state.withLock { $0.received } }
    var unsure: Set<Received> { state.withLock { $0.unsure } }
    var refused: Set<Received> { state.withLock { $0.refused } }
    var notices: [(text: String, recipient: EmailAddress)] { state.withLock { $0.notices } }

    func opened(_ number: Int) {
        state.withLock { state in
            state.open[number, default: 0] += 1
            state.openMost = max(state.openMost, state.open[number] ?? 0)
            state.openAllMost = max(state.openAllMost, state.open.values.reduce(0, +))
        }
    }

    func closed(_ number: Int) { state.withLock { $0.open[number, default: 0] -= 1 } }

    /// The most connections at once, to one domain and to all.
    var mostOpen: (one: Int, all: Int) { state.withLock { ($0.openMost, $0.openAllMost) } }

    /// What a server says of one recipient.
    fileprivate func answer(_ item: Received, _ temper: Temper) -> RecipientResult {
        let (luck, now) = (numbers.fraction, now)
        return state.withLock { state in
            switch temper {
            case .refusing where item.recipient.utf8.reduce(0, { $0 &+ Int($1) }) % 2 == 0:
                state.refused.insert(item)
                return .permanent(Reply(550, "5.1.1", "no such user"))
            case .greylisting where now - (state.firstSeen[item] ?? now) < 900:
                if state.firstSeen[item] == nil { state.firstSeen[item] = now }
                return .temporary(Reply(451, "4.7.1", "greylisted"))
            case .hopeless: return .temporary(Reply(452, "4.2.2", "full"))
            case .flaky where luck < 0.5: return .temporary(Reply(451, "4.3.0", "not now"))
            case .flaky where luck < 0.55:
                state.received[item, default: 0] += 1
                state.unsure.insert(item)
                return .temporary(Reply(451, "4.4.2", "The connection was lost (endOfData)"))
            default:
                state.received[item, default: 0] += 1
                return .accepted(Reply(250, "2.0.0", "taken"))
            }
        }
    }

    fileprivate func keep(_ text: String, _ recipient: EmailAddress) {
        state.withLock { $0.notices.append((text, recipient)) }
    }
}

extension SimulatedWorld: Resolver {
    func query(_ name: String, _ type: RecordType) async -> Answer {
        let domain = name.hasPrefix("mx.") ? String(name.dropFirst(3)) : name
        guard let number = number(of: domain) else { return .nameError(isSecure: false) }
        if tempers[number] == .unnamed, isOut(number) { return .temporaryFailure("SERVFAIL") }
        let table: [String: [StaticResolver.Record]] =
            switch tempers[number] {
            case .absent: [:]
            case .nullMX: [domain: [.mx(0, "")]]
            default: [domain: [.mx(10, "mx.\(domain)")], "mx.\(domain)": [.a("192.0.2.\(number + 1)")]]
            }
        return await StaticResolver(table).query(name, type)
    }
}

extension SimulatedWorld: LocalDelivery {
    func deliverNotice(_ message: ByteBuffer, to recipient: EmailAddress, needs: MessageNeeds) async throws {
        if numbers.isLucky(5) { throw StoreError.busy }
        keep(String(buffer: message), recipient)
    }
}

/// A connection to a server that is as its domain's temper says.
struct SimulatedConveyance: Conveyance {
    let world: SimulatedWorld
    let number: Int

    var isVerified: Bool { false }
    var extensions: Extensions {
        var extensions = Extensions()
        extensions.has8BITMIME = number % 2 == 0
        return extensions
    }

    init(_ world: SimulatedWorld, _ target: Runner.Target) throws(Courier.Failure) {
        self.world = world
        number = world.number(of: String(target.host.dropFirst(3))) ?? 0
        if world.tempers[number] == .out, world.isOut(number) { throw .unreachable("no route") }
        if world.tempers[number] == .flaky, world.numbers.isLucky(10) {
            throw .session(.temporary(Reply(421, "4.3.2", "too many connections")))
        }
        world.opened(number)
    }

    func deliver(
        _ consignment: Consignment, _ message: Outgoing,
        reading read: @Sendable (BodyReference, Range<Int>) async throws(Courier.Failure) -> ByteBuffer
    ) async throws(Courier.Failure) -> [RecipientResult] {
        if world.tempers[number] == .flaky, world.numbers.isLucky(10) {
            throw .session(ClientFailure.disconnected(.transaction).result)
        }
        // A tar-pit: everybody else gets on meanwhile, and it holds no more connections than it may.
        if world.tempers[number] == .slow {
            for _ in 0..<world.numbers.number(1..<300) { await Task.yield() }
        }
        return consignment.recipients.map {
            world.answer(.init(queueID: consignment.queueID, recipient: $0.key.recipient), world.tempers[number])
        }
    }

    func close() async { world.closed(number) }
}
