import IMAP
import MailCore

extension UIDRuns {
    /// The members that a client means by a set of UIDs or of sequence numbers.
    ///
    /// UIDs that are not there are passed over (RFC 3501 §6.4.8). A sequence number that is not there is a mistake of the
    /// client (§9), but never one beside "*".
    func members(of set: SequenceSet, byUID: Bool) throws(Refusal) -> UIDRuns {
        if byUID { return members(in: set.ranges(largest: last?.rawValue ?? 0)) }
        let count = UInt32(clamping: count)
        for part in set.parts {
            guard case .number(let first) = part.first, case .number(let last) = part.last else { continue }
            guard Swift.min(first, last) <= count else { throw Refusal(.bad("There is no message of that number")) }
        }
        let uids = set.ranges(largest: count).compactMap { numbers -> ClosedRange<UInt32>? in
            guard let first = select(Int(numbers.lowerBound)),
                let last = select(Int(Swift.min(numbers.upperBound, count)))
            else { return nil }
            return first.rawValue...last.rawValue
        }
        return members(in: uids)
    }

    /// A range of these, counted from the first or from the last (RFC 9394).
    func part(_ range: PartialRange) -> UIDRuns {
        let places = range.places(among: count)
        guard let first = select(places.lowerBound + 1), let last = select(places.upperBound), !places.isEmpty else {
            return UIDRuns()
        }
        return intersection(first.rawValue...last.rawValue)
    }

    /// The sequence numbers of members, as ascending ranges.
    func numbers(of members: UIDRuns) -> [ClosedRange<UInt32>] {
        var numbers = UIDRuns()
        for range in members.ranges {
            // What adjoins as UIDs adjoins as numbers.
            guard let first = rank(of: UID(range.lowerBound)) else { continue }
            let number = UInt32(clamping: first)
            numbers.append(number...(number + UInt32(clamping: range.count - 1)))
        }
        return numbers.ranges
    }

    private func members(in ranges: [ClosedRange<UInt32>]) -> UIDRuns {
        if let first, let last, let only = ranges.first, ranges.count == 1, only.lowerBound <= first.rawValue,
            only.upperBound >= last.rawValue
        {
            return self
        }
        return intersection(ranges)
    }

    /// Ranges that hold all of `wanted` and few others, so that many short reads become one.
    ///
    /// - Parameter gapMax: members between two wanted ones that are rather read too.
    func spans(of wanted: UIDRuns, gapMax: Int = 32) -> [ClosedRange<UInt32>] {
        if wanted.count == count, let first, let last { return [first.rawValue...last.rawValue] }
        var spans: [ClosedRange<UInt32>] = []
        for range in wanted.ranges {
            if let open = spans.last,
                countBelow(UID(range.lowerBound)) - countBelow(UID(open.upperBound)) - 1 <= gapMax
            {
                spans[spans.count - 1] = open.lowerBound...range.upperBound
            } else {
                spans.append(range)
            }
        }
        return spans
    }
}
