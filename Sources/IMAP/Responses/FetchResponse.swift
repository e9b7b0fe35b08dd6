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

    /// The name and the start of the literal of an item that has octets: exactly `octets` of them must follow.
    ///
    /// - Parameter item: `section`, `rfc822`, `rfc822Header` or `rfc822Text`; others are our own mistake.
    public mutating func literal(_ item: FetchItem, octets: Int, into output: inout ByteBuffer) {
        itemName(item, into: &output)
        output.writeStaticString(" ")
        output.writeLiteralStart(octets: octets)
    }

    /// The name of an item that has octets, with the space behind it: made once for many responses.
    public static func label(of item: FetchItem) -> ByteBuffer {
        var label = ByteBuffer()
        var response = FetchResponse(label: ())
        response.itemName(item, into: &label)
        label.writeStaticString(" ")
        return label
    }

    /// Begins nothing: for the label alone.
    private init(label: Void) {}

    /// `literal` with a label that was made before.
    public mutating func literal(_ label: ByteBuffer, octets: Int, into output: inout ByteBuffer) {
        name("", into: &output)
        output.writeImmutableBuffer(label)
        output.writeLiteralStart(octets: octets)
    }

    /// `BINARY[1] ~{5}` and the start of the octets, which may hold NUL (RFC 3516 §4.2, literal8).
    public mutating func literal8(_ item: FetchItem, octets: Int, into output: inout ByteBuffer) {
        itemName(item, into: &output)
        output.writeStaticString(" ~")
        output.writeLiteralStart(octets: octets)
    }

    /// RFC 3516 §4.3.
    public mutating func binarySize(_ path: [UInt32], octets: Int, into output: inout ByteBuffer) {
        name("BINARY.SIZE", into: &output)
        output.writeSection(SectionSpec(path: path))
        output.writeWord(" ", UInt64(clamping: octets))
    }

    /// The name, and NIL for a section that does not exist.
    public mutating func none(_ item: FetchItem, into output: inout ByteBuffer) {
        itemName(item, into: &output)
        output.writeStaticString(" NIL")
    }

    private mutating func itemName(_ item: FetchItem, into output: inout ByteBuffer) {
        switch item {
        case .rfc822: name("RFC822", into: &output)
        case .rfc822Header: name("RFC822.HEADER", into: &output)
        case .rfc822Text: name("RFC822.TEXT", into: &output)
        case .section(let section, let partial, _):
            name("BODY", into: &output)
            output.writeSection(section)
            // RFC 3501 §7.4.2: the response tells the origin only.
            if let partial {
                output.writeStaticString("<")
                output.writeDecimal(partial.offset)
                output.writeStaticString(">")
            }
        case .binary(let path, let partial, _):
            name("BINARY", into: &output)
            output.writeSection(SectionSpec(path: path))
            if let partial {
                output.writeStaticString("<")
                output.writeDecimal(partial.offset)
                output.writeStaticString(">")
            }
        case .flags, .uid, .internalDate, .rfc822Size, .envelope, .body, .bodyStructure, .modSeq, .emailID, .threadID,
            .saveDate, .preview, .binarySize:
            preconditionFailure("this item has no octets of its own")
        }
    }

    /// Between items stands one space.
    private mutating func name(_ name: StaticString, into output: inout ByteBuffer) {
        if !isFirst { output.writeInteger(UInt8.space) }
        isFirst = false
        output.writeStaticString(name)
    }
}

extension ByteBuffer {
    /// `section = "[" [section-spec] "]"`, the names of fields as the client wrote them.
    mutating func writeSection(_ section: SectionSpec) {
        writeStaticString("[")
        for (index, number) in section.path.enumerated() {
            if index > 0 { writeStaticString(".") }
            writeDecimal(number)
        }
        if !section.path.isEmpty, section.text != .whole { writeStaticString(".") }
        switch section.text {
        case .whole: break
        case .header: writeStaticString("HEADER")
        case .text: writeStaticString("TEXT")
        case .mime: writeStaticString("MIME")
        case .headerFields(let names): writeFieldNames("HEADER.FIELDS (", names)
        case .headerFieldsNot(let names): writeFieldNames("HEADER.FIELDS.NOT (", names)
        }
        writeStaticString("]")
    }

    private mutating func writeFieldNames(_ start: StaticString, _ names: [String]) {
        writeStaticString(start)
        for (index, name) in names.enumerated() {
            if index > 0 { writeStaticString(" ") }
            writeAString(Array(name.utf8))
        }
        writeStaticString(")")
    }
}
