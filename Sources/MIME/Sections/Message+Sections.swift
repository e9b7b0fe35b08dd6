public import NIOCore

extension Message {
    /// The part of these numbers: "1" of what is no multipart is its body (RFC 9051 §6.4.5.1); nil if there is none.
    public func part(_ numbers: [Int]) -> Part? {
        guard let first = numbers.first else { return root }
        var current = Self.part(first, ofMessage: root)
        for number in numbers.dropFirst() {
            guard let part = current else { return nil }
            switch part.kind {
            case .multipart: current = part.child(number)
            case .message: current = part.embedded.flatMap { Self.part(number, ofMessage: $0) }
            case .leaf: return nil
            }
        }
        return current
    }

    private static func part(_ number: Int, ofMessage message: Part) -> Part? {
        switch message.kind {
        case .multipart: message.child(number)
        case .leaf, .message: number == 1 ? message : nil
        }
    }

    /// Where a section stands in `octets`; nil if it does not exist, or if it is made of chosen fields.
    public func range(of path: SectionPath) -> Range<Int>? {
        guard let part = part(path.parts) else { return nil }
        let message = path.parts.isEmpty ? part : part.embedded
        switch path.text {
        case nil: return path.parts.isEmpty ? 0..<octets.readableBytes : part.body
        case .mime: return path.parts.isEmpty ? nil : part.header.range
        case .header: return message?.header.range
        case .text: return message?.body
        case .headerFields, .headerFieldsNot: return nil
        }
    }

    /// The octets of a section; nil if it does not exist.
    ///
    /// - Parameter prefix: lines of an account's own in front of the message; they belong to the whole and to its HEADER.
    public func octets(of path: SectionPath, prefix: ByteBuffer = ByteBuffer()) -> ByteBuffer? {
        switch path.text {
        case .headerFields(let names): return fields(of: path, prefix: prefix) { $0.lines(named: names) }
        case .headerFieldsNot(let names): return fields(of: path, prefix: prefix) { $0.lines(notNamed: names) }
        case nil, .header, .text, .mime: break
        }
        guard let range = range(of: path) else { return nil }
        let section = octets.slice(range)
        let hasPrefix = path.parts.isEmpty && path.text != .text && prefix.readableBytes > 0
        guard hasPrefix else { return section }
        var result = prefix
        result.writeImmutableBuffer(section)
        return result
    }

    /// Octets of a section without building it where that can be; nil if it does not exist.
    public func octetCount(of path: SectionPath, prefixOctets: Int = 0) -> Int? {
        guard let range = range(of: path) else { return octets(of: path)?.readableBytes }
        return range.count + (path.parts.isEmpty && path.text != .text ? prefixOctets : 0)
    }

    /// RFC 9051 §6.4.5.1: an empty line ends the chosen fields, always.
    private func fields(
        of path: SectionPath, prefix: ByteBuffer, choose: (Header) -> ByteBuffer
    ) -> ByteBuffer? {
        guard let part = part(path.parts), let message = path.parts.isEmpty ? part : part.embedded else { return nil }
        var result = ByteBuffer()
        if path.parts.isEmpty, prefix.readableBytes > 0 { result = choose(Header(parsing: prefix)) }
        result.writeImmutableBuffer(choose(message.header))
        result.writeStaticString("\r\n")
        return result
    }
}

extension Part {
    fileprivate func child(_ number: Int) -> Part? {
        number >= 1 && number <= children.count ? children[number - 1] : nil
    }
}
