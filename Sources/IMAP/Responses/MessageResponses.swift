public import MailCore
public import NIOCore

/// Responses about the selected mailbox and its size (RFC 3501 §7.2.5, §7.2.6, §7.3, §7.4.1).
extension ByteBuffer {
    /// `* 23 EXISTS`
    public mutating func writeExists(_ count: UInt32) { writeCount(count, " EXISTS\r\n") }

    /// `* 5 RECENT`
    public mutating func writeRecent(_ count: UInt32) { writeCount(count, " RECENT\r\n") }

    /// `* 44 EXPUNGE`: a message sequence number; those behind it move down at once.
    public mutating func writeExpunge(_ sequenceNumber: UInt32) { writeCount(sequenceNumber, " EXPUNGE\r\n") }

    /// `* VANISHED 405,407`: UIDs, ascending; at least one (RFC 7162 §3.2.10).
    ///
    /// - Parameter isEarlier: they were gone before the client saw the mailbox as it is.
    public mutating func writeVanished(_ uids: [ClosedRange<UInt32>], isEarlier: Bool = false) {
        writeStaticString(isEarlier ? "* VANISHED (EARLIER) " : "* VANISHED ")
        writeSet(uids)
        writeLineEnd()
    }

    /// `* FLAGS (…)`
    public mutating func writeFlags(_ text: FlagText) {
        writeStaticString("* FLAGS (")
        writeString(text.allNames.joined(separator: " "))
        writeStaticString(")\r\n")
    }

    /// `* OK [PERMANENTFLAGS (…)]`: the flags that can be changed (RFC 4314 §5.1.1) and, while more keywords can be made,
    /// `\*`.
    ///
    /// - Parameter rights: none when read-only.
    public mutating func writePermanentFlags(_ text: FlagText, _ rights: MailboxRights = .all) {
        var names = text.names(among: rights.flags)
        if rights.contains(.write), text.hasRoom { names.append("\\*") }
        writeUntagged(.ok, .permanentFlags(names), names.isEmpty ? "Nothing can be changed" : "These are kept")
    }

    private mutating func writeCount(_ count: UInt32, _ rest: StaticString) {
        writeStaticString("* ")
        writeDecimal(count)
        writeStaticString(rest)
    }
}

/// `* SEARCH 2 84 882` (RFC 3501 §7.2.5), in as many pieces as the caller likes; it is one line.
public struct SearchResponse: Sendable {
    public init(into output: inout ByteBuffer) { output.writeStaticString("* SEARCH") }

    /// Numbers in any order; call it for 10,000 or so at a time, and flush between.
    @inlinable
    public func write(_ numbers: some Sequence<UInt32>, into output: inout ByteBuffer) {
        for number in numbers { write(number, into: &output) }
    }

    public func write(_ number: UInt32, into output: inout ByteBuffer) {
        output.writeWithUnsafeMutableBytes(minimumWritableBytes: 1 + Decimal.digitsMax) { octets in
            octets[0] = .space
            return 1 + Decimal.write(UInt64(number), to: octets, at: 1)
        }
    }

    /// - Parameter modSeq: the highest of all messages told, when MODSEQ was asked for (RFC 7162 §3.1.6).
    public func end(modSeq: ModSeq? = nil, into output: inout ByteBuffer) {
        if let modSeq {
            output.writeStaticString(" (MODSEQ ")
            output.writeDecimal(modSeq.rawValue)
            output.writeStaticString(")")
        }
        output.writeLineEnd()
    }
}
