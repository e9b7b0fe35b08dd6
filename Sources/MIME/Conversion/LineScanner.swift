public import NIOCore

/// What stands in a message that not every way carries.
public struct LineFacts: Equatable, Sendable {
    /// An octet above 127 (RFC 6152).
    public var hasEightBit = false
    /// A line of more than 998 octets without its ending (RFC 5321 §4.5.3.1.6).
    public var hasLongLine = false
    /// NUL, which no text has (RFC 2045 §2.7 and §2.8).
    public var hasNUL = false
    /// A CR or LF that is not in a CR LF pair.
    public var hasBareEnding = false

    public init() {}

    /// Only BDAT with BINARYMIME carries it unchanged (RFC 3030 §3).
    public var isBinary: Bool { hasNUL || hasBareEnding }
}

/// Looks through octets that come in pieces, cut where they like.
public struct LineScanner: Sendable {
    static let lineOctetsMax = 998

    private var found = LineFacts()
    /// Octets of the line so far, its CR included.
    private var column = 0
    private var endsInCR = false

    public init() {}

    /// Of a whole text.
    public static func facts(of octets: ByteBuffer) -> LineFacts {
        var scanner = LineScanner()
        scanner.scan(octets)
        return scanner.facts
    }

    /// Of all that was scanned, as if it ended there.
    public var facts: LineFacts {
        var facts = found
        if endsInCR { facts.hasBareEnding = true }
        if column - (endsInCR ? 1 : 0) > Self.lineOctetsMax { facts.hasLongLine = true }
        return facts
    }

    public mutating func scan(_ piece: ByteBuffer) { piece.withOctets { scan($0) } }

    private mutating func scan(_ view: Octets) {
        if !found.hasNUL, view.firstIndex(of: 0, in: view.all) != nil { found.hasNUL = true }
        if !found.hasEightBit { found.hasEightBit = view[view.all].reduce(0, |) >= 0x80 }
        var start = 0
        while start < view.count {
            let lineFeed = view.firstIndex(of: .lineFeed, in: start..<view.count)
            take(view, start..<(lineFeed ?? view.count), endsLine: lineFeed != nil)
            start = (lineFeed ?? view.count) + 1
        }
    }

    private mutating func take(_ view: Octets, _ text: Range<Int>, endsLine: Bool) {
        if endsInCR, !(text.isEmpty && endsLine) { found.hasBareEnding = true }
        if let first = view.firstIndex(of: .carriageReturn, in: text), first + 1 < text.upperBound {
            found.hasBareEnding = true
        }
        if !text.isEmpty { endsInCR = view[text.upperBound - 1] == .carriageReturn }
        column += text.count
        guard endsLine else { return }
        if !endsInCR { found.hasBareEnding = true }
        if column - (endsInCR ? 1 : 0) > Self.lineOctetsMax { found.hasLongLine = true }
        column = 0
        endsInCR = false
    }
}
