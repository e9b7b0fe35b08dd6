public import NIOCore

/// Items that have octets: their names and the starts of their literals.
extension FetchResponse {
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
