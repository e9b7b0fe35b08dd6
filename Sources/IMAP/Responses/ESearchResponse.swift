public import MailCore
public import NIOCore

/// `* ESEARCH (TAG "A285") UID MIN 7 MAX 3800 COUNT 17` (RFC 4731 §3.1, RFC 4466 §2.6.2): one line, item by item.
public struct ESearchResponse: Sendable {
    public init(tag: String, byUID: Bool, into output: inout ByteBuffer) {
        output.writeStaticString("* ESEARCH (TAG ")
        output.writeString(octets: tag.utf8)
        output.writeStaticString(byUID ? ") UID" : ")")
    }

    /// Of one among many mailboxes: `* ESEARCH (TAG "a" MAILBOX folder1 UIDVALIDITY 1) UID` (RFC 7377 §2.1).
    public init(
        tag: String, mailbox: MailboxName, _ validity: UIDValidity, utf8: Bool, into output: inout ByteBuffer
    ) {
        output.writeStaticString("* ESEARCH (TAG ")
        output.writeString(octets: tag.utf8)
        output.writeStaticString(" MAILBOX ")
        output.writeMailbox(mailbox, utf8: utf8)
        output.writeWord(" UIDVALIDITY ", UInt64(validity.rawValue))
        output.writeStaticString(") UID")
    }

    /// What the result options of a search ask for.
    ///
    /// - Parameters:
    ///   - numbers: of all that was found, ascending.
    ///   - part: the numbers in a range of the results.
    public func results(
        _ numbers: [ClosedRange<UInt32>], of search: Search, count: Int, into output: inout ByteBuffer,
        part: (PartialRange) -> [ClosedRange<UInt32>]
    ) {
        let returns = search.returns ?? .all
        if let first = numbers.first, let last = numbers.last {
            if returns.contains(.min) { min(first.lowerBound, into: &output) }
            if returns.contains(.max) { max(last.upperBound, into: &output) }
        }
        if returns.contains(.all) { all(numbers, into: &output) }
        if let partial = search.partial { self.partial(partial, part(partial), into: &output) }
        if returns.contains(.count) { self.count(count, into: &output) }
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

    /// `PARTIAL (1:500 …)`, with NIL where there are none in that range (RFC 9394 §4).
    public func partial(_ range: PartialRange, _ numbers: [ClosedRange<UInt32>], into output: inout ByteBuffer) {
        output.writeString(" PARTIAL (\(range.text) ")
        if numbers.isEmpty { output.writeStaticString("NIL") } else { output.writeSet(numbers) }
        output.writeStaticString(")")
    }

    /// As ALL and PARTIAL of a SORT: in the order given.
    public func all(inOrder numbers: [UInt32], into output: inout ByteBuffer) {
        guard !numbers.isEmpty else { return }
        output.writeStaticString(" ALL ")
        output.writeUIDSet(numbers.lazy.map { UID($0) })
    }

    public func partial(_ range: PartialRange, inOrder numbers: [UInt32], into output: inout ByteBuffer) {
        output.writeString(" PARTIAL (\(range.text) ")
        if numbers.isEmpty {
            output.writeStaticString("NIL")
        } else {
            output.writeUIDSet(numbers.lazy.map { UID($0) })
        }
        output.writeStaticString(")")
    }

    /// `ADDTO (0 5:7)` or `REMOVEFROM (0 5:7)` (RFC 5267 §4.3.3, §4.3.4).
    public func update(_ item: String, _ numbers: [ClosedRange<UInt32>], into output: inout ByteBuffer) {
        output.writeString(" \(item) (0 ")
        output.writeSet(numbers)
        output.writeStaticString(")")
    }

    /// `ADDTO (3 5,4 9 7)`: of a SORT, each set at its place in the result, one step behind the other.
    public func update(
        _ item: String, inOrder places: [(position: Int, numbers: [UInt32])], into output: inout ByteBuffer
    ) {
        output.writeString(" \(item) (")
        for (index, place) in places.enumerated() {
            if index > 0 { output.writeStaticString(" ") }
            output.writeDecimal(place.position)
            output.writeStaticString(" ")
            output.writeUIDSet(place.numbers.lazy.map { UID($0) })
        }
        output.writeStaticString(")")
    }

    public func modSeq(_ modSeq: ModSeq, into output: inout ByteBuffer) {
        output.writeWord(" MODSEQ ", UInt64(clamping: modSeq.rawValue))
    }

    public func end(into output: inout ByteBuffer) { output.writeLineEnd() }
}
