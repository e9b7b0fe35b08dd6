import Synchronization

/// A number that only grows, for `/metrics` and `status`. Made once, as a static; incremented from anywhere.
public final class Counter: Sendable {
    private static let all = Mutex<[Counter]>([])

    /// As Prometheus wants it: "postino_smtp_messages_accepted_total".
    public let name: String
    /// One sentence for the reader of `/metrics`.
    public let help: String
    private let value = Atomic<Int>(0)

    public init(_ name: String, help: String) {
        self.name = name
        self.help = help
        Self.all.withLock { $0.append(self) }
    }

    public func increment(by amount: Int = 1) {
        value.wrappingAdd(amount, ordering: .relaxed)
    }

    public var current: Int { value.load(ordering: .relaxed) }

    /// All counters made so far, by name.
    public static func snapshot() -> [(name: String, help: String, value: Int)] {
        all.withLock { $0 }.map { ($0.name, $0.help, $0.current) }.sorted { $0.name < $1.name }
    }
}
