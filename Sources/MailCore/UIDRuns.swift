/// The UIDs of a mailbox as ascending runs, with their ranks: which sequence number a UID has, and which UID a number.
///
/// Both by binary search over the runs; a mailbox of 50,000 messages with few gaps takes a few hundred octets.
public struct UIDRuns: Hashable, Sendable {
    private struct Run: Hashable {
        var first: UInt32
        var last: UInt32
        /// UIDs in the runs before this one.
        var before: Int

        var count: Int { Int(last - first) + 1 }
    }

    private var runs: [Run] = []
    public private(set) var count = 0

    public init() {}

    /// Takes ranges in any order; they may overlap.
    public init(_ ranges: some Sequence<ClosedRange<UInt32>>) {
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) { append(range) }
    }

    public var isEmpty: Bool { runs.isEmpty }

    /// What it costs to keep: 16 octets each.
    public var runCount: Int { runs.count }

    public var first: UID? { runs.first.map { UID($0.first) } }

    public var last: UID? { runs.last.map { UID($0.last) } }

    /// Ascending, with gaps between them.
    public var ranges: [ClosedRange<UInt32>] { runs.map { $0.first...$0.last } }

    /// Adds a UID above all others; one that is not is passed over.
    public mutating func append(_ uid: UID) { append(uid.rawValue...uid.rawValue) }

    /// Adds what of the range lies above all UIDs so far.
    public mutating func append(_ range: ClosedRange<UInt32>) {
        guard let end = runs.last else {
            runs.append(Run(first: range.lowerBound, last: range.upperBound, before: 0))
            count = range.count
            return
        }
        guard range.upperBound > end.last else { return }
        // end.last is below range.upperBound, so adding 1 cannot overflow.
        let first = max(range.lowerBound, end.last + 1)
        if first == end.last + 1 {
            runs[runs.count - 1].last = range.upperBound
        } else {
            runs.append(Run(first: first, last: range.upperBound, before: count))
        }
        count += Int(range.upperBound - first) + 1
    }

    public func contains(_ uid: UID) -> Bool { rank(of: uid) != nil }

    /// The message sequence number of a UID: 1 is the first (RFC 9051 §2.3.1.2). Nil when it is not there.
    public func rank(of uid: UID) -> Int? {
        let index = lowerIndex(uid.rawValue)
        guard index < runs.count, runs[index].first <= uid.rawValue else { return nil }
        return runs[index].before + Int(uid.rawValue - runs[index].first) + 1
    }

    /// The UID of a message sequence number; nil outside of 1 to `count`.
    public func select(_ number: Int) -> UID? {
        guard number >= 1, number <= count else { return nil }
        let index = runs.partitioningIndex { $0.before + $0.count >= number }
        let run = runs[index]
        return UID(run.first + UInt32(truncatingIfNeeded: number - run.before - 1))
    }

    /// How many UIDs are below `uid`.
    public func countBelow(_ uid: UID) -> Int {
        let index = lowerIndex(uid.rawValue)
        guard index < runs.count else { return count }
        let run = runs[index]
        return run.before + (run.first < uid.rawValue ? Int(uid.rawValue - run.first) : 0)
    }

    /// Those in `range`, as runs.
    public func intersection(_ range: ClosedRange<UInt32>) -> UIDRuns {
        var result = UIDRuns()
        var index = lowerIndex(range.lowerBound)
        while index < runs.count, runs[index].first <= range.upperBound {
            result.append(max(runs[index].first, range.lowerBound)...min(runs[index].last, range.upperBound))
            index += 1
        }
        return result
    }

    /// Those in one of `ranges`, as runs.
    public func intersection(_ ranges: some Sequence<ClosedRange<UInt32>>) -> UIDRuns {
        var result = UIDRuns()
        for range in UIDRuns(ranges).runs {
            for part in intersection(range.first...range.last).runs { result.append(part.first...part.last) }
        }
        return result
    }

    /// Removes a UID. False when it is not there.
    @discardableResult
    public mutating func remove(_ uid: UID) -> Bool {
        guard contains(uid) else { return false }
        remove([uid.rawValue...uid.rawValue])
        return true
    }

    /// Removes all UIDs in `ranges`; linear in the runs of both.
    public mutating func remove(_ ranges: some Sequence<ClosedRange<UInt32>>) {
        let holes = UIDRuns(ranges).runs
        guard !holes.isEmpty else { return }
        var result = UIDRuns()
        var index = 0
        for run in runs {
            var first = run.first
            var isUsedUp = false
            while index < holes.count, holes[index].last < first { index += 1 }
            var next = index
            while !isUsedUp, next < holes.count, holes[next].first <= run.last {
                let hole = holes[next]
                if hole.first > first { result.append(first...hole.first - 1) }
                if hole.last >= run.last { isUsedUp = true } else { first = max(first, hole.last + 1) }
                next += 1
            }
            if !isUsedUp { result.append(first...run.last) }
        }
        self = result
    }

    /// Calls `body` for each UID in ascending order.
    public func forEach(_ body: (UID) throws -> Void) rethrows {
        for run in runs {
            for value in run.first...run.last { try body(UID(value)) }
        }
    }

    /// The first run whose last UID is `value` or above.
    private func lowerIndex(_ value: UInt32) -> Int { runs.partitioningIndex { $0.last >= value } }
}

extension Array {
    /// The first index for whose element `isAfter` holds, in an array where it holds for none before that and for all behind.
    fileprivate func partitioningIndex(_ isAfter: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = low + (high - low) / 2
            if isAfter(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
