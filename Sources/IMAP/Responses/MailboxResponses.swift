public import MailCore
public import NIOCore

/// What LIST and LSUB say of one mailbox (RFC 3501 §7.2.2, RFC 5258 §4, RFC 3348, RFC 6154).
public struct MailboxAttributes: OptionSet, Hashable, Sendable {
    public var rawValue: UInt16

    public init(rawValue: UInt16) { self.rawValue = rawValue }

    public static let noSelect = MailboxAttributes(rawValue: 1 << 0)
    public static let noInferiors = MailboxAttributes(rawValue: 1 << 1)
    public static let hasChildren = MailboxAttributes(rawValue: 1 << 2)
    public static let hasNoChildren = MailboxAttributes(rawValue: 1 << 3)
    public static let marked = MailboxAttributes(rawValue: 1 << 4)
    public static let unmarked = MailboxAttributes(rawValue: 1 << 5)
    public static let subscribed = MailboxAttributes(rawValue: 1 << 6)
    public static let nonExistent = MailboxAttributes(rawValue: 1 << 7)

    static let names: [StaticString] = [
        "\\Noselect", "\\Noinferiors", "\\HasChildren", "\\HasNoChildren", "\\Marked", "\\Unmarked", "\\Subscribed",
        "\\NonExistent",
    ]
}

/// What STATUS says (RFC 3501 §7.2.4).
public struct StatusValue: Hashable, Sendable {
    public var item: StatusItem
    /// MAILBOXID's is `text`.
    public var number: UInt64
    public var text: String?

    public init(_ item: StatusItem, _ number: UInt64) {
        self.item = item
        self.number = number
    }

    public init(mailboxID: String) {
        item = .mailboxID
        number = 0
        text = mailboxID
    }
}

extension ByteBuffer {
    /// `* LIST (attributes) "/" name`
    ///
    /// - Parameters:
    ///   - childInfo: selection options that mailboxes below hold (RFC 5258 §3.5).
    ///   - oldName: what it was called before (RFC 5465 §5.4).
    public mutating func writeList(
        _ name: MailboxName, _ attributes: MailboxAttributes, specialUse: SpecialUse = [],
        childInfo: [String] = [], oldName: MailboxName? = nil, utf8: Bool = false
    ) {
        writeMailboxLine("* LIST (", attributes, specialUse)
        writeMailbox(name, utf8: utf8)
        // RFC 5258 §4: the selection holds what is below.
        if !childInfo.isEmpty {
            writeString(" (\"CHILDINFO\" (\(childInfo.map { "\"\($0)\"" }.joined(separator: " "))))")
        }
        if let oldName {
            writeStaticString(" (\"OLDNAME\" (")
            writeMailbox(oldName, utf8: utf8)
            writeStaticString("))")
        }
        writeLineEnd()
    }

    /// `* LSUB (attributes) "/" name`
    public mutating func writeLsub(
        _ name: MailboxName, _ attributes: MailboxAttributes = [], utf8: Bool = false
    ) {
        writeMailboxLine("* LSUB (", attributes, [])
        writeMailbox(name, utf8: utf8)
        writeLineEnd()
    }

    /// `* LIST (\Noselect) "/" ""`: the answer to an empty pattern (RFC 3501 §6.3.8), the root of the names.
    public mutating func writeDelimiter(lsub: Bool = false) {
        writeStaticString(lsub ? "* LSUB (\\Noselect) \"/\" \"\"\r\n" : "* LIST (\\Noselect) \"/\" \"\"\r\n")
    }

    /// `* STATUS name (…)`, in the order of the values.
    public mutating func writeStatus(_ name: MailboxName, _ values: [StatusValue], utf8: Bool = false) {
        writeStaticString("* STATUS ")
        writeMailbox(name, utf8: utf8)
        for (index, value) in values.enumerated() {
            writeStaticString(index == 0 ? " (" : " ")
            writeString(value.item.rawValue)
            writeStaticString(" ")
            if let text = value.text {
                writeString("(\(text))")
            } else {
                writeDecimal(value.number)
            }
        }
        writeStaticString(values.isEmpty ? " ()\r\n" : ")\r\n")
    }

    private mutating func writeMailboxLine(
        _ start: StaticString, _ attributes: MailboxAttributes, _ specialUse: SpecialUse
    ) {
        writeStaticString(start)
        var isFirst = true
        for (bit, name) in MailboxAttributes.names.enumerated() where attributes.rawValue & (1 << UInt16(bit)) != 0 {
            if !isFirst { writeStaticString(" ") }
            isFirst = false
            writeStaticString(name)
        }
        for (bit, name) in SpecialUse.names.enumerated() where specialUse.rawValue & (1 << Int64(bit)) != 0 {
            if !isFirst { writeStaticString(" ") }
            isFirst = false
            writeString(name)
        }
        writeStaticString(") \"/\" ")
    }
}
