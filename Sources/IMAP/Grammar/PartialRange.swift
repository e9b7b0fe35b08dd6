/// `partial-range` (RFC 9394 §4): which of the results are wanted, counted from the first or from the last.
public struct PartialRange: Hashable, Sendable {
    /// As written; either may be the smaller. 1 to 2^32 - 1.
    public var first: UInt32
    public var last: UInt32
    /// "-1" is the last result.
    public var isFromEnd: Bool

    public init(_ first: UInt32, _ last: UInt32, isFromEnd: Bool = false) {
        self.first = first
        self.last = last
        self.isFromEnd = isFromEnd
    }

    /// The places of these among `count` results, from 0; empty where there are none.
    public func places(among count: Int) -> Range<Int> {
        let (low, high) = (Int(min(first, last)), Int(max(first, last)))
        guard low <= count else { return 0..<0 }
        let end = min(high, count)
        return isFromEnd ? count - end..<count - low + 1 : low - 1..<end
    }

    /// As the client wrote it.
    var text: String { isFromEnd ? "-\(first):-\(last)" : "\(first):\(last)" }
}

extension Parser {
    /// `partial-range = nz-number ":" nz-number / "-" nz-number ":" "-" nz-number`
    mutating func partialRange() throws(SyntaxError) -> PartialRange {
        let isFromEnd = take("-")
        let first = try nonZeroNumber("partial-range")
        try require(":")
        if isFromEnd { try require("-") }
        return PartialRange(first, try nonZeroNumber("partial-range"), isFromEnd: isFromEnd)
    }
}
