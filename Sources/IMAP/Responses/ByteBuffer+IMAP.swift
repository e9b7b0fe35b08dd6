public import MailCore
public import NIOCore

/// The words that responses are made of. Numbers are written without a String.
extension ByteBuffer {
    /// A number in decimal digits; below zero is written as zero.
    @inlinable
    public mutating func writeDecimal(_ value: some BinaryInteger) {
        writeDecimal(value < 0 ? 0 : UInt64(clamping: value))
    }

    /// A number in decimal digits.
    public mutating func writeDecimal(_ value: UInt64) {
        writeWithUnsafeMutableBytes(minimumWritableBytes: Decimal.digitsMax) { Decimal.write(value, to: $0, at: 0) }
    }

    mutating func writeWord(_ word: StaticString, _ number: UInt64) {
        writeStaticString(word)
        writeDecimal(number)
    }

    mutating func writeLineEnd() { writeStaticString("\r\n") }

    /// `* OK [code] text`, or with a tag in the star's place (`resp-cond-state`, RFC 3501 §7.1).
    mutating func writeStatus(_ tag: String, _ status: Completion.Status, _ code: ResponseCode?, _ text: String) {
        writeString(tag)
        writeStaticString(" ")
        writeString(status.rawValue)
        writeStaticString(" ")
        if let code {
            writeStaticString("[")
            code.write(into: &self)
            writeStaticString("] ")
        }
        writeText(text)
        writeLineEnd()
    }

    /// `text = 1*TEXT-CHAR`: what could end the line becomes a space.
    mutating func writeText(_ text: String) {
        if text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) {
            writeBytes(text.utf8.map { $0 < 0x20 || $0 == 0x7f ? .space : $0 })
        } else {
            writeString(text.isEmpty ? "." : text)
        }
    }

    /// An untagged status: `* OK [UNSEEN 12] text`.
    public mutating func writeUntagged(_ status: Completion.Status, _ code: ResponseCode? = nil, _ text: String) {
        writeStatus("*", status, code, text)
    }

    /// `* BYE text` (RFC 3501 §7.1.5).
    public mutating func writeBye(_ code: ResponseCode? = nil, _ text: String) {
        writeStaticString("* BYE ")
        if let code {
            writeStaticString("[")
            code.write(into: &self)
            writeStaticString("] ")
        }
        writeText(text)
        writeLineEnd()
    }

    /// `astring`: an atom where it can be one, else a quoted string, else a literal.
    mutating func writeAString(_ octets: [UInt8]) {
        let isAtom = !octets.isEmpty && octets.allSatisfy { $0.isAStringChar }
        // "NIL" is an atom too, but some clients read it as nothing.
        if isAtom, octets.map(\.uppercased) != Array("NIL".utf8) {
            writeBytes(octets)
        } else {
            writeString(octets: octets)
        }
    }

    /// `string`: quoted where that is allowed (RFC 3501 §9: no NUL, CR, LF or octet above 127), else a literal.
    public mutating func writeString(octets: some Collection<UInt8>) {
        guard octets.count <= 1_024, octets.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) else {
            writeLiteralStart(octets: octets.count)
            writeBytes(octets)
            return
        }
        writeInteger(UInt8.doubleQuote)
        for octet in octets {
            if octet == .doubleQuote || octet == .backslash { writeInteger(UInt8.backslash) }
            writeInteger(octet)
        }
        writeInteger(UInt8.doubleQuote)
    }

    /// `nstring`
    public mutating func writeNString(_ text: String?) {
        guard let text else {
            writeStaticString("NIL")
            return
        }
        writeString(octets: text.utf8)
    }

    /// `{n}` CR LF: exactly so many octets must follow.
    public mutating func writeLiteralStart(octets: Int) {
        writeStaticString("{")
        writeDecimal(octets)
        writeStaticString("}\r\n")
    }

    /// `uid-set` in the order given (RFC 4315 §4): ascending runs become ranges. "0" is never written: an empty list
    /// writes nothing, and the caller leaves the code away.
    public mutating func writeUIDSet(_ uids: some Sequence<UID>) {
        var run: ClosedRange<UInt32>?
        var isFirst = true
        for uid in uids.lazy.map(\.rawValue) {
            if let open = run, open.upperBound < .max, uid == open.upperBound + 1 {
                run = open.lowerBound...uid
            } else {
                if let run { writeRange(run, &isFirst) }
                run = uid...uid
            }
        }
        if let run { writeRange(run, &isFirst) }
    }

    /// `sequence-set` of ascending ranges; nothing for none.
    public mutating func writeSet(_ ranges: [ClosedRange<UInt32>]) {
        var isFirst = true
        for range in ranges { writeRange(range, &isFirst) }
    }

    private mutating func writeRange(_ range: ClosedRange<UInt32>, _ isFirst: inout Bool) {
        if !isFirst { writeInteger(UInt8(ascii: ",")) }
        isFirst = false
        writeDecimal(range.lowerBound)
        if range.upperBound > range.lowerBound {
            writeInteger(UInt8(ascii: ":"))
            writeDecimal(range.upperBound)
        }
    }
}
