/// A `sequence-set` (RFC 3501 §9), of message sequence numbers or UIDs, as the client wrote it.
public struct SequenceSet: Hashable, Sendable {
    /// "*" is not a number: a mailbox can hold the UID 4294967295.
    public enum Bound: Hashable, Sendable {
        case number(UInt32)
        case largest
    }

    /// Both ends belong to it; either may be the smaller (RFC 3501 §9: "2:4 and 4:2 are equivalent").
    public struct Part: Hashable, Sendable {
        public var first: Bound
        public var last: Bound

        public init(first: Bound, last: Bound) {
            self.first = first
            self.last = last
        }
    }

    /// 1 to 10,000 when it came from a client.
    public var parts: [Part]
    /// "$": what the last SEARCH saved (RFC 5182 §2.1); there are no parts then.
    public var isSaved = false

    public static let partsMax = 10_000
    public static let saved: SequenceSet = {
        var set = SequenceSet(parts: [])
        set.isSaved = true
        return set
    }()

    public init(parts: [Part]) { self.parts = parts }

    public init(_ ranges: ClosedRange<UInt32>...) {
        parts = ranges.map { Part(first: .number($0.lowerBound), last: .number($0.upperBound)) }
    }

    /// The numbers in ascending order, overlapping and adjoining ranges joined.
    ///
    /// - Parameter largest: what "*" means: the count of messages, or the largest UID in the view. With 0 (the mailbox
    ///   is empty) a part with "*" holds nothing. Numbers above it stay: whether they are an error the caller says.
    /// - Complexity: O(n log n) of the parts.
    public func ranges(largest: UInt32) -> [ClosedRange<UInt32>] {
        var all: [ClosedRange<UInt32>] = []
        all.reserveCapacity(parts.count)
        for part in parts {
            if largest == 0, part.first == .largest || part.last == .largest { continue }
            let (first, last) = (part.first.value(largest), part.last.value(largest))
            all.append(min(first, last)...max(first, last))
        }
        return all.joined()
    }

    /// Whether every number named is at most `largest`; RFC 3501 §9: a client must not name others by sequence number.
    public func isWithin(_ largest: UInt32) -> Bool {
        parts.allSatisfy { $0.first.isWithin(largest) && $0.last.isWithin(largest) }
    }
}

extension SequenceSet.Bound {
    func value(_ largest: UInt32) -> UInt32 {
        switch self {
        case .number(let number): number
        case .largest: largest
        }
    }

    func isWithin(_ largest: UInt32) -> Bool { value(largest) <= largest && largest > 0 }
}

extension [ClosedRange<UInt32>] {
    /// Sorted, overlapping and adjoining ranges made one.
    func joined() -> [ClosedRange<UInt32>] {
        var result: [ClosedRange<UInt32>] = []
        for range in sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = result.last, range.lowerBound <= last.upperBound &+ (last.upperBound == .max ? 0 : 1) {
                result[result.count - 1] = last.lowerBound...Swift.max(last.upperBound, range.upperBound)
            } else {
                result.append(range)
            }
        }
        return result
    }
}

extension Parser {
    /// Parses a `sequence-set`:
    ///
    ///     sequence-set = part *("," part)                 ; RFC 3501 §9, without its recursion
    ///     part         = seq-number [":" seq-number]
    ///     seq-number   = nz-number / "*"
    ///     sequence-set =/ "$"                             ; RFC 5182 §4
    ///
    /// The RFC sets no bound on the list. We do, since a stranger writes it.
    mutating func sequenceSet(partsMax: Int = SequenceSet.partsMax) throws(SyntaxError) -> SequenceSet {
        if take("$") { return .saved }
        var parts: [SequenceSet.Part] = []
        repeat {
            guard parts.count < partsMax else { throw .limitExceeded("sequence-set", max: partsMax) }
            let first = try sequenceNumber()
            parts.append(.init(first: first, last: take(":") ? try sequenceNumber() : first))
        } while take(",")
        return SequenceSet(parts: parts)
    }

    private mutating func sequenceNumber() throws(SyntaxError) -> SequenceSet.Bound {
        take("*") ? .largest : .number(try nonZeroNumber("seq-number"))
    }
}
