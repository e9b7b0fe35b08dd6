/// Takes the words of a structured field apart (RFC 5322 §3.2, RFC 2045 §5.1).
struct Lexer {
    let view: Octets
    var position: Int
    let end: Int

    init(_ view: Octets, _ range: Range<Int>) {
        self.view = view
        position = range.clamped(to: view.all).lowerBound
        end = range.clamped(to: view.all).upperBound
    }

    var isAtEnd: Bool { position >= end }

    var next: UInt8? { position < end ? view[position] : nil }

    mutating func take(_ octet: Unicode.Scalar) -> Bool {
        guard position < end, view[position] == UInt8(ascii: octet) else { return false }
        position += 1
        return true
    }

    mutating func skipBlanks() {
        while position < end, view[position].isBlank { position += 1 }
    }

    /// Skips `CFWS`; tells the octets inside the last comment, if there was one.
    @discardableResult
    mutating func skipCFWS() -> Range<Int>? {
        var comment: Range<Int>?
        while true {
            skipBlanks()
            guard next == UInt8(ascii: "(") else { return comment }
            comment = skipComment()
        }
    }

    /// Skips one comment with those inside it; one that never ends takes all.
    private mutating func skipComment() -> Range<Int> {
        let start = position + 1
        var depth = 0
        while position < end {
            switch view[position] {
            case UInt8(ascii: "("): depth += 1
            case UInt8(ascii: ")"): depth -= 1
            case UInt8(ascii: "\\"): position += 1
            default: break
            }
            position += 1
            if depth == 0 { return start..<max(start, position - 1) }
        }
        position = end
        return start..<max(start, end)
    }

    /// Takes a `quoted-string`, at whose quote the lexer stands; its quoting and folding undone.
    mutating func quotedString() -> [UInt8] {
        var result: [UInt8] = []
        position += 1
        while position < end {
            let octet = view[position]
            position += 1
            switch octet {
            case UInt8(ascii: "\""): return result
            case UInt8(ascii: "\\"):
                guard position < end else { return result }
                let quoted = view[position]
                position += 1
                if !quoted.isLineBreakOrNUL { result.append(quoted) }
            default:
                if !octet.isLineBreakOrNUL { result.append(octet) }
            }
        }
        return result
    }

    /// Takes octets up to one of `stops`, a blank or a comment.
    mutating func word(until stops: StaticString) -> Range<Int> {
        let start = position
        let set = UnsafeBufferPointer(start: stops.utf8Start, count: stops.utf8CodeUnitCount)
        while position < end {
            let octet = view[position]
            if octet.isBlank || set.contains(octet) { break }
            position += 1
        }
        return start..<position
    }
}

extension UInt8 {
    fileprivate var isLineBreakOrNUL: Bool { self == .carriageReturn || self == .lineFeed || self == 0 }
}
