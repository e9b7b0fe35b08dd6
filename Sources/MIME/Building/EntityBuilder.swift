public import NIOCore

/// Writes whole entities: header, empty line and body.
public enum EntityBuilder {
    /// A text part with the encoding that its text needs: 7bit for short lines of US-ASCII, else quoted-printable.
    ///
    /// - Parameter fields: what comes in front of the Content-Type (of a message: From, Subject and so on).
    public static func text(_ text: String, subtype: String = "plain", fields: HeaderBuilder = HeaderBuilder())
        -> ByteBuffer
    {
        let octets = ByteBuffer(string: text)
        let isASCII = octets.readableBytesView.allSatisfy { $0 < 0x80 && $0 != 0 }
        let isShort = text.utf8.split(separator: .lineFeed).allSatisfy { $0.count <= 78 }
        var header = fields
        header.append(
            "Content-Type", value: "text/\(subtype)", parameters: [("charset", isASCII ? "us-ascii" : "utf-8")])
        header.append("Content-Transfer-Encoding", value: isASCII && isShort ? "7bit" : "quoted-printable")
        var result = header.finish()
        if isASCII, isShort {
            result.writeImmutableBuffer(withCRLF(octets))
        } else {
            result.writeImmutableBuffer(QuotedPrintable.encode(octets))
        }
        return result
    }

    /// A part of any type whose body is taken as it stands (message/delivery-status, message/rfc822).
    public static func raw(
        _ type: String, parameters: [(name: String, value: String)] = [], fields: HeaderBuilder = HeaderBuilder(),
        body: ByteBuffer
    ) -> ByteBuffer {
        var header = fields
        header.append("Content-Type", value: type, parameters: parameters)
        if body.readableBytesView.contains(where: { $0 >= 0x80 }) {
            header.append("Content-Transfer-Encoding", value: "8bit")
        }
        var result = header.finish()
        result.writeImmutableBuffer(body)
        return result
    }

    /// A part of any type in base64, with a file name when one is given.
    public static func attachment(_ type: String, fileName: String? = nil, body: ByteBuffer) -> ByteBuffer {
        var header = HeaderBuilder()
        header.append("Content-Type", value: type)
        header.append("Content-Transfer-Encoding", value: "base64")
        let parameters = fileName.map { [(name: "filename", value: $0)] } ?? []
        header.append("Content-Disposition", value: "attachment", parameters: parameters)
        var result = header.finish()
        result.writeImmutableBuffer(Base64.encode(body))
        return result
    }

    /// A multipart of whole entities (RFC 2046 §5.1).
    ///
    /// - Parameters:
    ///   - subtype: "mixed"; or "report" with the parameter "report-type" (RFC 6522).
    ///   - boundary: must begin no line of a part behind "--"; random letters and digits, 70 at most.
    public static func multipart(
        _ subtype: String, boundary: String, parameters: [(name: String, value: String)] = [],
        fields: HeaderBuilder = HeaderBuilder(), parts: [ByteBuffer]
    ) -> ByteBuffer {
        var header = fields
        header.append(
            "Content-Type", value: "multipart/\(subtype)", parameters: parameters + [("boundary", boundary)])
        var result = header.finish()
        for part in parts {
            result.writeString("--\(boundary)\r\n")
            result.writeImmutableBuffer(part)
            result.writeStaticString("\r\n")
        }
        result.writeString("--\(boundary)--\r\n")
        return result
    }

    /// Every line ending as CRLF.
    private static func withCRLF(_ octets: ByteBuffer) -> ByteBuffer {
        var result = ByteBuffer()
        result.reserveCapacity(octets.readableBytes + 64)
        var last: UInt8 = 0
        for octet in octets.readableBytesView {
            if octet == .lineFeed, last != .carriageReturn { result.writeInteger(UInt8.carriageReturn) }
            result.writeInteger(octet)
            last = octet
        }
        return result
    }
}
