public import MIME
public import NIOCore

/// Writes the structure of a message: BODYSTRUCTURE, or BODY without the extension data (RFC 9051 §7.5.2).
///
/// The depth is that of the parser's limit.
public enum BodyStructureWriter {
    /// - Parameter isExtended: true for BODYSTRUCTURE, false for BODY.
    public static func write(_ message: MIME.Message, isExtended: Bool, into output: inout ByteBuffer) {
        write(message.root, isExtended: isExtended, into: &output)
    }

    public static func write(_ part: MIME.Part, isExtended: Bool, into output: inout ByteBuffer) {
        output.writeStaticString("(")
        if part.kind == .multipart {
            for child in part.children { write(child, isExtended: isExtended, into: &output) }
            output.writeStaticString(" ")
            StringWriter.write(part.contentType.subtype, into: &output)
            if isExtended {
                output.writeStaticString(" ")
                write(part.contentType.parameters, into: &output)
                writeCommonExtensions(part, into: &output)
            }
        } else {
            writeSinglePart(part, isExtended: isExtended, into: &output)
        }
        output.writeStaticString(")")
    }

    private static func writeSinglePart(_ part: MIME.Part, isExtended: Bool, into output: inout ByteBuffer) {
        StringWriter.write(part.contentType.type, into: &output)
        output.writeStaticString(" ")
        StringWriter.write(part.contentType.subtype, into: &output)
        output.writeStaticString(" ")
        write(part.contentType.parameters, into: &output)
        output.writeStaticString(" ")
        StringWriter.write(part.contentID, into: &output)
        output.writeStaticString(" ")
        StringWriter.write(part.contentDescription, into: &output)
        output.writeStaticString(" ")
        StringWriter.write(part.transferEncoding.name, into: &output)
        output.writeString(" \(part.bodyOctets)")
        if let embedded = part.embedded {
            output.writeStaticString(" ")
            EnvelopeWriter.write(embedded.header, into: &output)
            output.writeStaticString(" ")
            write(embedded, isExtended: isExtended, into: &output)
        }
        if part.embedded != nil || part.contentType.isText { output.writeString(" \(part.bodyLines)") }
        if isExtended {
            output.writeStaticString(" ")
            StringWriter.write(part.contentMD5, into: &output)
            writeCommonExtensions(part, into: &output)
        }
    }

    /// Disposition, language and location.
    private static func writeCommonExtensions(_ part: MIME.Part, into output: inout ByteBuffer) {
        output.writeStaticString(" ")
        if let disposition = part.disposition {
            output.writeStaticString("(")
            StringWriter.write(disposition.kind, into: &output)
            output.writeStaticString(" ")
            write(disposition.parameters, into: &output)
            output.writeStaticString(")")
        } else {
            output.writeStaticString("NIL")
        }
        output.writeStaticString(" ")
        write(part.contentLanguages, into: &output)
        output.writeStaticString(" ")
        StringWriter.write(part.contentLocation, into: &output)
    }

    /// `body-fld-param`: as written; a client joins the pieces of RFC 2231 itself.
    private static func write(_ parameters: MIME.Parameters, into output: inout ByteBuffer) {
        guard !parameters.isEmpty else {
            output.writeStaticString("NIL")
            return
        }
        var separator: StaticString = "("
        for parameter in parameters.raw {
            output.writeStaticString(separator)
            StringWriter.write(parameter.name, into: &output)
            output.writeStaticString(" ")
            StringWriter.write(parameter.value, into: &output)
            separator = " "
        }
        output.writeStaticString(")")
    }

    /// `body-fld-lang`
    private static func write(_ languages: [String], into output: inout ByteBuffer) {
        guard let first = languages.first else {
            output.writeStaticString("NIL")
            return
        }
        guard languages.count > 1 else {
            StringWriter.write(first, into: &output)
            return
        }
        var separator: StaticString = "("
        for language in languages {
            output.writeStaticString(separator)
            StringWriter.write(language, into: &output)
            separator = " "
        }
        output.writeStaticString(")")
    }
}
