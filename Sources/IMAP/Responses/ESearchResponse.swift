public import MailCore
public import NIOCore

/// `* ESEARCH (TAG "A285") UID MIN 7 MAX 3800 COUNT 17` (RFC 4731 §3.1, RFC 4466 §2.6.2): one line, item by item.
public struct ESearchResponse: Sendable {
    public init(tag: String, byUID: Bool, into output: inout ByteBuffer) {
        output.writeStaticString("* ESEARCH (TAG ")
        output.writeString(octets: tag.utf8)
        output.writeStaticString(byUID ? ") UID" : ")")
    }

    public func min(_ number: UInt32, into output: inout ByteBuffer) { output.writeWord(" MIN ", UInt64(number)) }

    public func max(_ number: UInt32, into output: inout ByteBuffer) { output.writeWord(" MAX ", UInt64(number)) }

    public func count(_ count: Int, into output: inout ByteBuffer) {
        output.writeWord(" COUNT ", UInt64(clamping: count))
    }

    /// Ascending; left away when there are none (RFC 4731 §3.1).
    public func all(_ numbers: [ClosedRange<UInt32>], into output: inout ByteBuffer) {
        guard !numbers.isEmpty else { return }
        output.writeStaticString(" ALL ")
        output.writeSet(numbers)
    }

    public func modSeq(_ modSeq: ModSeq, into output: inout ByteBuffer) {
        output.writeWord(" MODSEQ ", UInt64(clamping: modSeq.rawValue))
    }

    public func end(into output: inout ByteBuffer) { output.writeLineEnd() }
}
