/// The words of folded text, as the index knows them.
///
/// A term is a run of US-ASCII letters and digits and of characters beyond US-ASCII, but for the punctuation among these.
/// A needle that is such a run itself is in a text exactly when it is in one of its terms. A language without spaces has long
/// terms; the longest are cut into pieces that overlap.
enum Terms {
    static let octetsMax = 256
    /// A needle up to this is in one of the pieces of a term that was cut.
    static let overlap = 128

    /// Hands each term to `take`, until that returns false.
    ///
    /// - Returns: false when it was stopped.
    @inline(__always)
    static func forEach(in text: UnsafeRawBufferPointer, _ take: (UnsafeRawBufferPointer) -> Bool) -> Bool {
        var position = 0
        while let range = next(in: text, &position) {
            let term = UnsafeRawBufferPointer(rebasing: text[range])
            if !(term.count <= octetsMax ? take(term) : takePieces(of: term, take)) { return false }
        }
        return true
    }

    /// The first term from `position` on, uncut; `position` moves behind it.
    @inline(__always)
    static func next(in text: UnsafeRawBufferPointer, _ position: inout Int) -> Range<Int>? {
        while position < text.count {
            let separator = separatorWidth(text, position)
            if separator > 0 {
                position += separator
                continue
            }
            let start = position
            while position < text.count, separatorWidth(text, position) == 0 { position += 1 }
            return start..<position
        }
        return nil
    }

    private static func takePieces(of term: UnsafeRawBufferPointer, _ take: (UnsafeRawBufferPointer) -> Bool) -> Bool {
        for start in stride(from: 0, to: term.count - octetsMax, by: overlap) {
            if !take(UnsafeRawBufferPointer(rebasing: term[start..<start + octetsMax])) { return false }
        }
        return take(UnsafeRawBufferPointer(rebasing: term.suffix(octetsMax)))
    }

    /// Octets of the separator at this place; 0 within a term.
    @inline(__always)
    private static func separatorWidth(_ text: UnsafeRawBufferPointer, _ position: Int) -> Int {
        let octet = text[position]
        if octet < 0x80 { return octet &- 0x30 < 10 || octet &- 0x61 < 26 ? 0 : 1 }
        return mayLead(octet) ? wideSeparatorWidth(text, position) : 0
    }

    @inline(__always)
    private static func mayLead(_ octet: UInt8) -> Bool {
        octet == 0xc2 || octet == 0xe2 || octet == 0xe3 || octet == 0xef
    }

    /// Blanks, dashes and quotation marks beyond US-ASCII: U+0080 to U+00BF, U+2000 to U+206F, U+3000 to U+303F, U+FF00 to
    /// U+FF0F.
    private static func wideSeparatorWidth(_ text: UnsafeRawBufferPointer, _ position: Int) -> Int {
        guard position + 1 < text.count else { return 0 }
        let second = text[position + 1]
        let third = position + 2 < text.count ? text[position + 2] : 0
        guard third >= 0x80 || text[position] == 0xc2 else { return 0 }
        switch text[position] {
        case 0xc2: return second < 0xc0 ? 2 : 0
        case 0xe2: return second == 0x80 || (second == 0x81 && third < 0xb0) ? 3 : 0
        case 0xe3: return second == 0x80 ? 3 : 0
        default: return second == 0xbc && third < 0x90 ? 3 : 0
        }
    }
}
