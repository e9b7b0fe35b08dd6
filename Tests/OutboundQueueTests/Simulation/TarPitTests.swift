import DNS
import Execution
import MailCore
import NIOCore
import SMTP
import Synchronization
import Testing

@testable import MessageStore
@testable import OutboundQueue

@Suite("Servers that answer slowly", .timeLimit(.minutes(2))) struct TarPitTests {
    /// Holds every connection to "pit.test" until it is let go; all else is taken at once.
    private final class Pit: Sendable {
        struct State {
            var isOpen = false
            var held: [CheckedContinuation<Void, Never>] = []
            var taken: [String] = []
        }

        let state = Mutex(State())

        func pass(_ domain: String) async {
            guard domain == "pit.test" else { return }
            await withCheckedContinuation { continuation in
                let isOpen = state.withLock { state in
                    if !state.isOpen { state.held.append(continuation) }
                    return state.isOpen
                }
                if isOpen { continuation.resume() }
            }
        }

        func letGo() {
            let held = state.withLock { state in
                defer { state.held = [] }
                state.isOpen = true
                return state.held
            }
            for one in held { one.resume() }
        }
    }

    private struct PitConveyance: Conveyance {
        let pit: Pit
        var isVerified: Bool { false }
        var extensions: Extensions { Extensions() }

        func deliver(
            _ consignment: Consignment, _ message: Outgoing,
            reading read: @Sendable (BodyReference, Range<Int>) async throws(Courier.Failure) -> ByteBuffer
        ) async throws(Courier.Failure) -> [RecipientResult] {
            await pit.pass(consignment.recipients[0].routeDomain)
            pit.state.withLock { $0.taken += consignment.recipients.map(\.key.recipient) }
            return consignment.recipients.map { _ in .accepted(Reply(250, "2.0.0", "taken")) }
        }

        func close() async {}
    }

    @Test(
        "A domain whose servers never answer holds its share of connections, and nobody else's mail", arguments: [1, 8])
    func holdsItsShare(share: Int) async throws {
        let store = SimulatedStore { 1_800_000_000 }
        let pit = Pit()
        for number in 0..<600 {
            await store.add(Self.row(number, number < 500 ? "pit.test" : "d\(number % 20).test"))
        }
        var options = Runner.Options(hostname: "mail.here.test", route: .exchangers)
        options.idleSeconds = 0
        options.connectionsPerDestinationMax = share
        options.connectionsMax = 12
        let pool = BlockingPool(name: "pit", threads: 1, queueMax: 100)
        defer { pool.stop() }
        let runner = Runner(
            options: options, store: store, resolver: Zone(), files: pool, local: Silence(), signing: nil,
            policies: nil, now: { 1_800_000_000 }, random: { 0.5 }
        ) { (_, _) async throws(Courier.Failure) in PitConveyance(pit: pit) }
        while try await runner.takeWhatIsDue() {}
        // Were they kept from going on, the time limit ends it here.
        while await store.count > 500, !Task.isCancelled { await Task.yield() }
        #expect(pit.state.withLock { $0.held.count <= share && $0.taken.count == 100 })
        pit.letGo()
        while await store.count > 0, !Task.isCancelled { await Task.yield() }
        #expect(pit.state.withLock { Set($0.taken).count } == 600)
        await runner.stop(withinSeconds: 1)
    }

    private static func row(_ number: Int, _ domain: String) -> QueuedRecipient {
        let address = EmailAddress(localPart: "r\(number)", domain: domain)
        return QueuedRecipient(
            key: QueueKey(queueID: Int64(number), recipient: "\(address)"), recipient: address, routeDomain: domain,
            state: .waiting, nextAttemptAt: 1_800_000_000, attempts: 0, lastReply: nil, reversePath: .null,
            options: "", needs: [], messageNotification: MessageNotification(),
            notification: RecipientNotification(), createdAt: 1_800_000_000, expiresAt: 1_900_000_000,
            body: BodyReference(
                bodyID: Int64(number), octetCount: 14, digest: [], segment: 1, offset: 0, storedLength: 14, codec: 0),
            priority: .person, delayToldAt: nil, route: nil)
    }

    private struct Zone: Resolver {
        func query(_ name: String, _ type: RecordType) async -> Answer {
            await StaticResolver([name: [name.hasPrefix("mx.") ? .a("192.0.2.1") : .mx(10, "mx.\(name)")]])
                .query(name, type)
        }
    }

    private struct Silence: LocalDelivery {
        func deliverNotice(_ message: ByteBuffer, to recipient: EmailAddress, needs: MessageNeeds) async throws {}
    }
}
