import NIOCore

extension Conversion {
    mutating func leaf(_ part: Part, isRoot: Bool) throws(Failure) {
        let facts = LineScanner.facts(of: part.encodedBody)
        if fits(facts) {
            let claimsMore = part.transferEncoding == .binary || goal == .sevenBit && part.transferEncoding == .eightBit
            try header(of: part, encoding: claimsMore ? facts.hasEightBit ? "8bit" : "7bit" : nil, isRoot: isRoot)
            output.writeImmutableBuffer(part.encodedBody)
            return
        }
        // The parser may have taken a container that it could not open for a text.
        let declared = part.header.first("Content-Type").flatMap { ContentType(parsing: part.header.value(of: $0)) }
        let isComposite = declared.map { $0.isMultipart || $0.type == "message" && !$0.subtype.hasPrefix("global") }
        if isComposite == true { return try unchanged(part, or: .composite) }
        if case .other = part.transferEncoding { return try unchanged(part, or: .encoding) }
        let plain = part.decodedBody()
        // Quoted-printable is for text in lines; it would make CR LF of every line ending.
        let isQuoted =
            part.contentType.isText && Self.isMostlyASCII(plain) && !LineScanner.facts(of: plain).isBinary
        try header(of: part, encoding: isQuoted ? "quoted-printable" : "base64", isRoot: isRoot)
        output.writeImmutableBuffer(isQuoted ? QuotedPrintable.encode(plain) : Base64.encode(plain))
    }

    /// Three characters for an octet above 127 are fewer than base64's third for all.
    private static func isMostlyASCII(_ octets: ByteBuffer) -> Bool {
        let high = octets.readableBytesView.reduce(0) { $0 + Int($1 >> 7) }
        return high * 6 <= octets.readableBytes
    }

    /// Writes a header, with another encoding named in it unless that is nil.
    mutating func header(of part: Part, encoding: String?, isRoot: Bool) throws(Failure) {
        let header = part.header
        let whole = octets(header.range)
        let facts = LineScanner.facts(of: whole)
        guard !facts.hasNUL, goal == .eightBit || !facts.hasEightBit else { throw .header }
        guard let encoding else { return writeLines(whole) }
        guard !header.isCut else { throw .header }
        var position = header.range.lowerBound
        for field in header.all("Content-Transfer-Encoding") {
            writeLines(octets(position..<field.lines.lowerBound))
            position = field.lines.upperBound
        }
        let end = max(position, header.linesRange.upperBound)
        writeLines(octets(position..<end))
        if isRoot, !header.contains("MIME-Version") { output.writeStaticString("MIME-Version: 1.0\r\n") }
        // RFC 1428 §3: what text of octets above 127 is whose sender does not say.
        if !header.contains("Content-Type"), ["base64", "quoted-printable"].contains(encoding),
            LineScanner.facts(of: part.encodedBody).hasEightBit
        {
            output.writeStaticString("Content-Type: text/plain; charset=unknown-8bit\r\n")
        }
        output.writeString("Content-Transfer-Encoding: \(encoding)\r\n")
        writeLines(octets(end..<max(end, header.range.upperBound)))
    }

    /// Every line ended by CR LF: of a binary message not even that is sure.
    mutating func writeLines(_ lines: ByteBuffer) {
        guard LineScanner.facts(of: lines).hasBareEnding else {
            output.writeImmutableBuffer(lines)
            return
        }
        lines.withOctets { view in
            var start = 0
            while start < view.count {
                let lineFeed = view.firstIndex(of: .lineFeed, in: start..<view.count)
                var end = lineFeed ?? view.count
                while end > start, view[end - 1] == .carriageReturn { end -= 1 }
                for octet in view[start..<end] { output.writeInteger(octet == .carriageReturn ? .space : octet) }
                if lineFeed != nil { output.writeStaticString("\r\n") }
                start = (lineFeed ?? view.count) + 1
            }
        }
    }
}
