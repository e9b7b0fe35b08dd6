import MailCore
import NIOCore
import Synchronization

@testable import MessageStore

/// A store in use by a script, on a disk of the tests, and what was handed to it.
final class Scene: Sendable {
    private struct State {
        var test: TestStore?
        var sent: [String: String] = [:]
        var number = 0
        var random: SeededRandom
    }

    let disk: TestDisk
    private let state: Mutex<State>

    /// - Parameter namesFrom: above the numbers of the messages that the store has already.
    init(_ disk: TestDisk, seed: Int, namesFrom: Int = 0) {
        self.disk = disk
        state = Mutex(State(number: namesFrom, random: SeededRandom(seed)))
    }

    /// Small, so that a message of 3 KiB goes the way of one above 1 MiB, and a segment is full after a few.
    static func shrink(_ options: inout MessageStore.Options) {
        options.inlineOctetsMax = 2_500
        options.segmentOctetsMax = 9_000
        options.zeroFillOctets = 2_000
        options.fillsInline = true
    }

    func open() async throws {
        let test = try await TestStore(on: disk, change: Self.shrink)
        do {
            try await test.makeAccounts()
        } catch {
            await test.close()
            throw error
        }
        state.withLock { $0.test = test }
    }

    func close() async {
        await state.withLock { state in
            defer { state.test = nil }
            return state.test
        }?.close()
    }

    /// Every message that was handed to the store, by its subject, as it must be read.
    var sent: [String: String] { state.withLock { $0.sent } }

    var isOpen: Bool { state.withLock { $0.test != nil } }

    func test() throws -> TestStore {
        guard let test = state.withLock({ $0.test }) else {
            throw StoreError.storage(operation: "use the store", detail: "it is not open")
        }
        return test
    }

    var store: MessageStore {
        get throws { try test().store }
    }

    func below(_ bound: Int) -> Int { state.withLock { $0.random.below(bound) } }

    /// A message that no other is like.
    func make(large: Bool = false) -> ByteBuffer {
        state.withLock { state in
            state.number += 1
            let lines = large ? 45 + state.random.below(80) : state.random.below(20)
            let body = (0..<lines).map { _ in "\(state.random.next()) \(state.random.next()) and so on\r\n" }.joined()
            let octets = message("m\(state.number)", body: body)
            state.sent["m\(state.number)"] = String(buffer: octets)
            return octets
        }
    }

    @discardableResult
    func deliver(
        large: Bool = false, to copies: [LocalCopy] = [LocalCopy(account: TestStore.ann)], queue: [QueueEntry] = []
    ) async throws -> DeliveryReceipt {
        let receipt = try await store.deliver(
            try await store.stage(make(large: large)), to: copies, queue: queue)
        disk.acknowledged(
            "a delivery",
            rows: receipt.copies.map { "mailbox_message|\($0.mailbox.rawValue)|\($0.uid.rawValue)|\($0.messageID)|" }
                + receipt.queueIDs.map { "queue_message|\($0)|" })
        return receipt
    }

    /// These UIDs were given in that mailbox.
    func acknowledge(_ what: String, _ mailbox: MailboxID, _ uids: [UID]) {
        guard !uids.isEmpty else { return }
        disk.acknowledged(what, rows: uids.map { "mailbox_message|\(mailbox.rawValue)|\($0.rawValue)|" })
    }

    func mailbox(_ name: String, _ account: AccountID = TestStore.ann) async throws -> MailboxRow {
        try await test().store.mailbox(of: account, named: name)
    }

    /// Some of the messages of a mailbox, by chance.
    func someUIDs(_ name: String, atMost count: Int) async throws -> [ClosedRange<UInt32>] {
        var all = try await test().uids(try await mailbox(name).id).flatMap { Array($0) }
        var chosen: [ClosedRange<UInt32>] = []
        for _ in 0..<min(count, all.count) {
            let uid = all.remove(at: below(all.count))
            chosen.append(uid...uid)
        }
        return chosen
    }
}

/// The subject of a message in its octets, by which `Scene.sent` knows it.
func subject(of text: String) -> String {
    guard let line = text.split(separator: "\r\n").first(where: { $0.hasPrefix("Subject: ") }) else { return "" }
    return String(line.dropFirst("Subject: ".count))
}
