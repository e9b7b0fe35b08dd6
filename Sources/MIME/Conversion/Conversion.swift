public import NIOCore

/// Makes a message fit for a way that carries less than stands in it (RFC 6152 §3, RFC 3030 §3): bodies are encoded anew,
/// part by part. Header fields stay as they are, but for Content-Transfer-Encoding and what MIME must have beside it.
public struct Conversion {
    /// What the way carries; by both lines of at most 998 octets that end in CR LF.
    public enum Goal: Hashable, Sendable {
        case sevenBit
        case eightBit
    }

    /// Why a message cannot be had in such a form.
    public enum Failure: Error, Equatable, Sendable {
        /// A header has octets above 127, or is longer than is looked at.
        case header
        /// RFC 2045 §6.4: multipart and message types are never encoded themselves.
        case composite
        /// RFC 1847 §2.1: what is signed or encrypted as it stands may not be changed on the way.
        case secured
        /// It has an encoding that we do not know.
        case encoding
    }

    let message: Message
    let goal: Goal
    var output = ByteBuffer()

    private init(_ message: Message, _ goal: Goal) {
        self.message = message
        self.goal = goal
    }

    /// - Complexity: O(octets), which are in memory twice then.
    public static func convert(_ message: Message, to goal: Goal) throws(Failure) -> ByteBuffer {
        var conversion = Conversion(message, goal)
        conversion.output.reserveCapacity(message.octets.readableBytes * 4 / 3 + 1_024)
        try conversion.write(message.root, isRoot: true)
        return conversion.output
    }

    private mutating func write(_ part: Part, isRoot: Bool = false) throws(Failure) {
        switch part.kind {
        case .leaf: try leaf(part, isRoot: isRoot)
        case .multipart:
            if ["signed", "encrypted"].contains(part.contentType.subtype),
                !fits(LineScanner.facts(of: octets(part.range)))
            {
                return try unchanged(part, or: .secured)
            }
            try header(of: part, encoding: compositeEncoding(part), isRoot: isRoot)
            try children(of: part)
        case .message:
            // RFC 6532 §3.7: of all composite types this one may be encoded.
            if part.contentType.subtype == "global", !fits(LineScanner.facts(of: part.encodedBody)) {
                try header(of: part, encoding: "base64", isRoot: isRoot)
                output.writeImmutableBuffer(Base64.encode(part.encodedBody))
                return
            }
            try header(of: part, encoding: compositeEncoding(part), isRoot: isRoot)
            if let embedded = part.embedded { try write(embedded) }
        }
    }

    /// What stands between the parts is copied, apart from a preamble that does not fit, which nobody is shown
    /// (RFC 2046 §5.1.1).
    private mutating func children(of part: Part) throws(Failure) {
        var position = part.body.lowerBound
        for (place, child) in part.children.enumerated() {
            var gap = octets(position..<max(position, child.range.lowerBound))
            if place == 0, !isPassable(gap) { gap = Self.lastLine(gap) }
            try copy(gap)
            try write(child)
            position = child.range.upperBound
        }
        let rest = octets(position..<max(position, part.body.upperBound))
        try copy(rest)
    }

    private mutating func copy(_ lines: ByteBuffer) throws(Failure) {
        guard isPassable(lines) else { throw .composite }
        writeLines(lines)
    }

    /// It fits but for its line endings, which are made right.
    private func isPassable(_ lines: ByteBuffer) -> Bool {
        var facts = LineScanner.facts(of: lines)
        facts.hasBareEnding = false
        return fits(facts)
    }

    /// As it stands, when nothing but the length of its lines is wrong: most servers take that, and it would be worth
    /// nothing changed.
    mutating func unchanged(_ part: Part, or failure: Failure) throws(Failure) {
        let octets = octets(part.range)
        let facts = LineScanner.facts(of: octets)
        guard !facts.isBinary, goal == .eightBit || !facts.hasEightBit else { throw failure }
        output.writeImmutableBuffer(octets)
    }

    /// RFC 2045 §6.4: a container's encoding is the widest of what is in it. Nil: the field stays.
    private func compositeEncoding(_ part: Part) -> String? {
        switch (part.transferEncoding, goal) {
        case (.binary, .eightBit): "8bit"
        case (.binary, .sevenBit), (.eightBit, .sevenBit): "7bit"
        case (.sevenBit, _), (.eightBit, .eightBit), (.quotedPrintable, _), (.base64, _), (.other, _): nil
        }
    }

    func fits(_ facts: LineFacts) -> Bool {
        !facts.isBinary && !facts.hasLongLine && (goal == .eightBit || !facts.hasEightBit)
    }

    func octets(_ range: Range<Int>) -> ByteBuffer { message.octets.slice(range) }

    /// The last line with its ending.
    private static func lastLine(_ octets: ByteBuffer) -> ByteBuffer {
        octets.withOctets { view in
            var start = max(0, view.count - 1)
            while start > 0, view[start - 1] != .lineFeed { start -= 1 }
            return octets.slice(start..<view.count)
        }
    }
}
