public import MailCore
public import NIOCore

/// `* 12 FETCH (…)` (RFC 3501 §7.4.2): one message's items, written one behind the other.
///
///     var response = FetchResponse(12, into: &output)
///     response.uid(uid, into: &output)
///     response.flags(flags, &flagText, into: &output)
///     response.end(into: &output)
public struct FetchResponse: Sendable {
    private var isFirst = true
    private var hasUID = false

    public init(_ sequenceNumber: UInt32, into output: inout ByteBuffer) {
        output.writeStaticString("* ")
        output.writeDecimal(sequenceNumber)
        output.writeStaticString(" FETCH (")
    }

    /// `* 12 UIDFETCH (…)`: of a client that knows no numbers (RFC 9586 §3.3); `uid(_:)` writes nothing then.
    public init(only uid: UID, into output: inout ByteBuffer) {
        output.writeStaticString("* ")
        output.writeDecimal(uid.rawValue)
        output.writeStaticString(" UIDFETCH (")
        hasUID = true
    }

    /// Begins nothing: for a label alone.
    init(label: Void) {}

    public func end(into output: inout ByteBuffer) { output.writeStaticString(")\r\n") }

    public mutating func uid(_ uid: UID, into output: inout ByteBuffer) {
        guard !hasUID else { return }
        name("UID ", into: &output)
        output.writeDecimal(uid.rawValue)
    }

    public mutating func flags(
        _ flags: Flags, isRecent: Bool = false, _ text: inout FlagText, into output: inout ByteBuffer
    ) {
        name("FLAGS ", into: &output)
        text.write(flags, isRecent: isRecent, into: &output)
    }

    public mutating func internalDate(_ date: InternalDate, into output: inout ByteBuffer) {
        name("INTERNALDATE ", into: &output)
        output.writeInternalDate(date)
    }

    /// RFC 8514 §4.1.
    public mutating func saveDate(_ date: InternalDate, into output: inout ByteBuffer) {
        name("SAVEDATE ", into: &output)
        output.writeInternalDate(date)
    }

    /// In octets.
    public mutating func rfc822Size(_ octets: Int64, into output: inout ByteBuffer) {
        name("RFC822.SIZE ", into: &output)
        output.writeDecimal(octets)
    }

    public mutating func modSeq(_ modSeq: ModSeq, into output: inout ByteBuffer) {
        name("MODSEQ (", into: &output)
        output.writeDecimal(modSeq.rawValue)
        output.writeStaticString(")")
    }

    /// RFC 8474 §5: an identifier of ALPHA, DIGIT, "_" and "-".
    public mutating func emailID(_ id: String, into output: inout ByteBuffer) {
        name("EMAILID (", into: &output)
        output.writeString(id)
        output.writeStaticString(")")
    }

    public mutating func threadID(_ id: String, into output: inout ByteBuffer) {
        name("THREADID (", into: &output)
        output.writeString(id)
        output.writeStaticString(")")
    }

    /// RFC 8970 §3.
    public mutating func preview(_ text: some Collection<UInt8>, into output: inout ByteBuffer) {
        name("PREVIEW ", into: &output)
        output.writeString(octets: text)
    }

    /// `ENVELOPE rendered`: what is made once, at delivery, is written as it is.
    public mutating func envelope(_ rendered: ByteBuffer, into output: inout ByteBuffer) {
        name("ENVELOPE ", into: &output)
        output.writeImmutableBuffer(rendered)
    }

    public mutating func envelope(_ rendered: UnsafeRawBufferPointer, into output: inout ByteBuffer) {
        name("ENVELOPE ", into: &output)
        output.writeBytes(rendered)
    }

    public mutating func bodyStructure(_ rendered: UnsafeRawBufferPointer, into output: inout ByteBuffer) {
        name("BODYSTRUCTURE ", into: &output)
        output.writeBytes(rendered)
    }

    public mutating func body(_ rendered: UnsafeRawBufferPointer, into output: inout ByteBuffer) {
        name("BODY ", into: &output)
        output.writeBytes(rendered)
    }

    public mutating func bodyStructure(_ rendered: ByteBuffer, into output: inout ByteBuffer) {
        name("BODYSTRUCTURE ", into: &output)
        output.writeImmutableBuffer(rendered)
    }

    /// The structure without extension data, as BODY asks for it.
    public mutating func body(_ rendered: ByteBuffer, into output: inout ByteBuffer) {
        name("BODY ", into: &output)
        output.writeImmutableBuffer(rendered)
    }

    /// Between items stands one space.
    mutating func name(_ name: StaticString, into output: inout ByteBuffer) {
        if !isFirst { output.writeInteger(UInt8.space) }
        isFirst = false
        output.writeStaticString(name)
    }
}
