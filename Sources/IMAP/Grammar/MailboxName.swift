public import NIOCore

/// The name of a mailbox (RFC 3501 §5.1): UTF-8, levels separated by "/".
///
/// INBOX, alone or as the first level, is spelled in upper case, whatever the client wrote.
public struct MailboxName: Hashable, Sendable, CustomStringConvertible {
    /// 1 to 1,024 octets of UTF-8 without control characters; no level is empty.
    public let text: String

    public static let inbox = MailboxName(trusted: "INBOX")
    public static let delimiter: Character = "/"
    public static let octetsMax = 1_024
    public static let levelsMax = 32

    /// Nil for a text that cannot be a mailbox's name.
    public init?(_ text: String) {
        guard Self.objection(to: text) == nil else { return nil }
        self.text = Self.normalized(text)
    }

    private init(trusted text: String) { self.text = text }

    public var description: String { text }

    public var isInbox: Bool { text == "INBOX" }

    /// The names above it, the topmost first: of "a/b/c" these are "a" and "a/b".
    public var ancestors: [MailboxName] {
        text.indices.filter { text[$0] == Self.delimiter }.map { MailboxName(trusted: String(text[..<$0])) }
    }

    /// The name directly above; nil at the top.
    public var parent: MailboxName? {
        text.lastIndex(of: Self.delimiter).map { MailboxName(trusted: String(text[..<$0])) }
    }

    /// Whether this is anywhere below `other`.
    public func isBelow(_ other: MailboxName) -> Bool {
        text.utf8.count > other.text.utf8.count + 1 && text.utf8.starts(with: other.text.utf8)
            && text.utf8.dropFirst(other.text.utf8.count).first == .slash
    }

    /// The name that a mailbox at or below `old` gets when `old` is renamed to `new`; nil when it is not below, or the
    /// outcome is too long.
    public func moved(from old: MailboxName, to new: MailboxName) -> MailboxName? {
        if self == old { return new }
        guard isBelow(old) else { return nil }
        return MailboxName(new.text + String(decoding: text.utf8.dropFirst(old.text.utf8.count), as: UTF8.self))
    }

    /// Why a text cannot be a name, for the client; nil when it can.
    static func objection(to text: String) -> String? {
        if text.isEmpty { return "A mailbox name cannot be empty" }
        if text.utf8.count > octetsMax { return "A mailbox name has at most \(octetsMax) octets" }
        if text.unicodeScalars.contains(where: { $0.value < 0x20 || (0x7f...0x9f).contains($0.value) }) {
            return "A mailbox name cannot hold control characters"
        }
        let levels = text.utf8.split(separator: .slash, omittingEmptySubsequences: false)
        if levels.contains(where: \.isEmpty) { return "A level of a mailbox name cannot be empty" }
        if levels.count > levelsMax { return "A mailbox name has at most \(levelsMax) levels" }
        // A mark that combines with "/" would hide it from whoever goes by characters, and so the level above.
        if text.count(where: { $0 == delimiter }) != levels.count - 1 {
            return "A level of a mailbox name cannot begin with a combining mark"
        }
        return nil
    }

    private static func normalized(_ text: String) -> String {
        let octets = text.utf8
        guard octets.count >= 5, octets.prefix(5).map(\.uppercased) == Array("INBOX".utf8) else { return text }
        let rest = octets.dropFirst(5)
        guard rest.isEmpty || rest.first == .slash else { return text }
        return "INBOX" + String(decoding: rest, as: UTF8.self)
    }
}

extension Parser {
    /// `mailbox = "INBOX" / astring`, in modified UTF-7.
    ///
    /// - Parameter trailingDelimiter: CREATE's name may end in the delimiter, to say that names below will follow
    ///   (RFC 3501 §6.3.3); it is dropped.
    mutating func mailbox(trailingDelimiter: Bool = false) throws(SyntaxError) -> MailboxName {
        let octets = try astring()
        guard octets.count <= 4 * MailboxName.octetsMax else {
            throw .mailboxName("A mailbox name has at most \(MailboxName.octetsMax) octets")
        }
        var decoded = try decodedName(octets)
        if trailingDelimiter, decoded.count > 1, decoded.last == .slash { decoded.removeLast() }
        let text = String(decoding: decoded, as: UTF8.self)
        if let objection = MailboxName.objection(to: text) { throw .mailboxName(objection) }
        guard let name = MailboxName(text) else { throw .mailboxName("This cannot be a mailbox name") }
        return name
    }
}

extension Parser {
    /// The UTF-8 of a name or a pattern, from modified UTF-7, or as it is for a client that has enabled UTF-8
    /// (RFC 6855 §3, RFC 9051 §5.1).
    func decodedName(_ octets: [UInt8]) throws(SyntaxError) -> [UInt8] {
        if features.usesUTF8 {
            guard String(validating: octets, as: UTF8.self) != nil else {
                throw .mailboxName("A mailbox name is written in UTF-8")
            }
            return octets
        }
        guard let decoded = ModifiedUTF7.decode(octets) else {
            throw .mailboxName("A mailbox name is written in modified UTF-7 (RFC 3501 section 5.1.3)")
        }
        return decoded
    }
}

extension ByteBuffer {
    /// Writes a name as RFC 3501 §5.1.3 wants it, or in UTF-8, quoted where it is no atom.
    public mutating func writeMailbox(_ name: MailboxName, utf8: Bool) {
        guard utf8, !name.text.utf8.allSatisfy({ $0 < 0x80 }) else {
            return writeAString(utf8 ? Array(name.text.utf8) : ModifiedUTF7.encode(name.text))
        }
        // RFC 9051 §4.3: a quoted string may hold UTF-8; a name has no control characters.
        writeInteger(UInt8.doubleQuote)
        for octet in name.text.utf8 {
            if octet == .doubleQuote || octet == .backslash { writeInteger(UInt8.backslash) }
            writeInteger(octet)
        }
        writeInteger(UInt8.doubleQuote)
    }
}
