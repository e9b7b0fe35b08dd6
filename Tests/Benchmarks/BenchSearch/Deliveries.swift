import MailCore
import MessageStore
import NIOCore

/// Mail that comes in, measured.
struct Deliveries {
    static let account = AccountID(rawValue: 2)
    static let count = 4_000
    private static let producers = 8

    let store: MessageStore
    private let writer = MailWriter()

    init(store: MessageStore) { self.store = store }

    func measure(_ name: String, from first: Int) async throws {
        let texts = (first..<first + Self.count).map { writer.message($0) }
        let start = Moment()
        let times = try await withThrowingTaskGroup(of: [Double].self) { group in
            for producer in 0..<Self.producers {
                group.addTask {
                    var times: [Double] = []
                    for index in stride(from: producer, to: texts.count, by: Self.producers) {
                        let start = Moment()
                        let staged = try await store.stage(texts[index])
                        _ = try await store.deliver(staged, to: [LocalCopy(account: Self.account)])
                        times.append(Moment().since(start).wall)
                    }
                    return times
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }.sorted()
        let rate = Int(Double(times.count) / Moment().since(start).wall * 1_000)
        let late = Int(times[times.count * 99 / 100] * 1_000)
        print("  \(name): \(rate) a second, p50 \(Int(times[times.count / 2] * 1_000)) µs, p99 \(late) µs")
    }
}
