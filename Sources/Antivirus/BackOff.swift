/// The pause between two starts of the scanner.
struct BackOff {
    private let first: Int
    private(set) var milliseconds: Int
    /// Starts in a row after which no answer came.
    private var failures = 0

    static let millisecondsMax = 60_000

    init(_ configuration: ScannerConfiguration) {
        first = configuration.restartMilliseconds
        milliseconds = first
    }

    /// Nobody should wait for it any more.
    var isHopeless: Bool { failures >= 2 }

    mutating func failed() { failures += 1 }

    mutating func succeeded() {
        failures = 0
        milliseconds = first
    }

    /// The pause to make now; the next is twice as long.
    mutating func next() -> Int {
        defer { milliseconds = min(milliseconds * 2, Self.millisecondsMax) }
        return milliseconds
    }
}
