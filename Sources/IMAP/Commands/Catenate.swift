public import NIOCore

/// What a message is put together from (RFC 4469 §4).
public enum CatenatePart: Hashable, Sendable {
    /// As it stands.
    case text(ByteBuffer)
    /// Octets of a message that the server has.
    case url(MessageURL)
}

/// An IMAP URL of a message or a part of one, relative to the user's mailboxes (RFC 5092 §6, RFC 4469 §3).
public struct MessageURL: Hashable, Sendable {
    /// As the client wrote it.
    public var text: String
    /// Nil: the selected mailbox.
    public var mailbox: MailboxName?
    public var uidValidity: UInt32?
    public var uid: UInt32
    public var section: SectionSpec
    public var partial: Partial?

    /// Nil for what names no message of the user's: another server, another user, something that is no URL.
    public init?(_ text: String) {
        guard text.utf8.count <= 4_096, !text.hasPrefix("//") else { return nil }
        self.text = text
        guard let start = text.range(of: ";UID=", ignoringCase: true) else { return nil }
        let path = text[..<start.lowerBound]
        guard path.isEmpty || path.hasPrefix("/") && path.hasSuffix("/") else { return nil }
        let inner = path.drop { $0 == "/" }.split(separator: "/;", omittingEmptySubsequences: false).first ?? ""
        var name = inner.hasSuffix("/") ? inner.dropLast() : inner
        if let validity = String(name).range(of: ";UIDVALIDITY=", ignoringCase: true) {
            let whole = String(name)
            guard let number = UInt32(whole[validity.upperBound...]) else { return nil }
            uidValidity = number
            name = Substring(whole[..<validity.lowerBound])
        }
        if name.isEmpty {
            mailbox = nil
        } else {
            guard let decoded = Self.decoded(name), let found = MailboxName(decoded) else { return nil }
            mailbox = found
        }
        var parts = text[start.upperBound...].split(separator: "/;", omittingEmptySubsequences: false)
        guard let first = parts.first, let uid = UInt32(first), uid > 0 else { return nil }
        self.uid = uid
        parts.removeFirst()
        section = SectionSpec()
        for part in parts { guard take(part) else { return nil } }
    }

    /// `SECTION=…` or `PARTIAL=…`
    private mutating func take(_ part: Substring) -> Bool {
        guard let equals = part.firstIndex(of: "="), let value = Self.decoded(part[part.index(after: equals)...]) else {
            return false
        }
        switch part[..<equals].uppercased() {
        case "SECTION":
            var parser = Parser(ByteBuffer(string: "[\(value)]"))
            guard let section = try? parser.section(), parser.isAtEnd else { return false }
            self.section = section
            return true
        case "PARTIAL":
            let numbers = value.split(separator: ".").map { UInt32($0) }
            guard let offset = numbers.first ?? nil, numbers.count <= 2, !numbers.contains(nil) else { return false }
            partial = Partial(offset: Int(offset), count: numbers.count == 2 ? Int(numbers[1] ?? 0) : Int(UInt32.max))
            return true
        default: return false
        }
    }

    /// RFC 3986 §2.1, as UTF-8.
    private static func decoded(_ text: some StringProtocol) -> String? {
        var octets: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let octet = rest.popFirst() {
            guard octet == UInt8(ascii: "%") else {
                octets.append(octet)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
                return nil
            }
            octets.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: octets, as: UTF8.self)
    }
}

extension String {
    fileprivate func range(of word: String, ignoringCase: Bool) -> Range<Index>? {
        let wanted = Array(word.lowercased().utf8)
        let octets = utf8.map { $0 | ($0 &- 0x41 < 26 ? 0x20 : 0) }
        guard octets.count >= wanted.count else { return nil }
        for start in 0...(octets.count - wanted.count) where octets[start..<start + wanted.count].elementsEqual(wanted)
        {
            let lower = utf8.index(utf8.startIndex, offsetBy: start)
            return lower..<utf8.index(lower, offsetBy: wanted.count)
        }
        return nil
    }
}

extension Parser {
    /// `"CATENATE" SP "(" cat-part *(SP cat-part) ")"`, behind its first word; `cat-part = "TEXT" SP literal / "URL" SP
    /// astring` (RFC 4469 §5).
    mutating func catenateParts() throws(SyntaxError) -> [CatenatePart] {
        try list(of: "cat-part", max: CatenatePart.countMax) { p throws(SyntaxError) in
            if p.take(word: "TEXT ") {
                _ = p.take("~")
                return .text(ByteBuffer(bytes: try p.literal8()))
            }
            guard p.take(word: "URL ") else { throw p.expected("cat-part") }
            let text = try p.text("url", octetsMax: 4_096)
            guard let url = MessageURL(text) else { throw .badURL(text) }
            return .url(url)
        }
    }
}

extension CatenatePart {
    /// In one message.
    public static let countMax = 1_000
}
