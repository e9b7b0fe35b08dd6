import Synchronization

/// The same numbers for the same seed (SplitMix64).
final class SeededNumbers: Sendable {
    private let state: Mutex<UInt64>

    init(_ seed: UInt64) { state = Mutex(seed &* 0x9e37_79b9_7f4a_7c15 &+ 1) }

    func next() -> UInt64 {
        state.withLock { state in
            state &+= 0x9e37_79b9_7f4a_7c15
            var value = state
            value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
            value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
            return value ^ (value >> 31)
        }
    }

    /// 0 to 1, without 1.
    var fraction: Double { Double(next() >> 11) / Double(1 << 53) }

    func number(_ range: Range<Int>) -> Int { range.lowerBound + Int(next() % UInt64(range.count)) }

    func isLucky(_ percent: Int) -> Bool { number(0..<100) < percent }
}
