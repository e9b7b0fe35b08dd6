extension AuthenticationResults {
    /// The Authentication-Results fields of a received message that claim to be ours: RFC 8601 §5 has them removed
    /// before our own is added. Those whose authserv-id cannot be read count too.
    ///
    /// - Parameters:
    ///   - header: of a message; reading stops at the empty line, so the whole message may be given.
    ///   - authservIDs: ours; compared without regard to case and to a final dot.
    /// - Returns: the offsets of each field from the start of `header`, its line ends included, in order.
    /// - Complexity: O(octets of the header).
    public static func foreignFields(
        in header: some RandomAccessCollection<UInt8>, claiming authservIDs: [String]
    ) -> [Range<Int>] {
        let ours = authservIDs.map { lowered($0.utf8[...]) }
        var found: [Range<Int>] = []
        var start = header.startIndex
        while start < header.endIndex {
            let end = fieldEnd(in: header, from: start)
            let field = header[start..<end]
            guard let first = field.first, first != 0x0d, first != 0x0a else { break }
            if let body = resultsBody(of: field) {
                let identifier = authservID(in: body)
                if identifier.map({ ours.contains($0) }) ?? true {
                    let lower = header.distance(from: header.startIndex, to: start)
                    found.append(lower..<lower + field.count)
                }
            }
            start = end
        }
        return found
    }

    /// Behind the line feed that no white space follows.
    private static func fieldEnd<Octets: RandomAccessCollection<UInt8>>(
        in header: Octets, from start: Octets.Index
    ) -> Octets.Index {
        var rest = header[start...]
        while let lineFeed = rest.firstIndex(of: 0x0a) {
            rest = rest[header.index(after: lineFeed)...]
            guard let next = rest.first, next == 0x20 || next == 0x09 else { return rest.startIndex }
        }
        return header.endIndex
    }

    /// What follows the colon, when the field's name is ours.
    private static func resultsBody<Octets: RandomAccessCollection<UInt8>>(of field: Octets) -> Octets.SubSequence? {
        let name = Self.fieldName.utf8
        guard field.count > name.count, zip(field, name).allSatisfy({ $0 | 0x20 == $1 | 0x20 }) else { return nil }
        let rest = field.dropFirst(name.count).drop { $0 == 0x20 || $0 == 0x09 }
        return rest.first == UInt8(ascii: ":") ? rest.dropFirst() : nil
    }

    /// The value behind `[CFWS]`, lowered; nil when there is none.
    private static func authservID(in body: some RandomAccessCollection<UInt8>) -> [UInt8]? {
        var depth = 0
        var isEscaped = false
        var quoted: [UInt8]?
        var token: [UInt8] = []
        for octet in body {
            if isEscaped {
                isEscaped = false
                if depth == 0 { quoted?.append(octet) }
            } else if octet == UInt8(ascii: "\\"), depth > 0 || quoted != nil {
                isEscaped = true
            } else if quoted != nil {
                if octet == UInt8(ascii: "\"") { return lowered((quoted ?? [])[...]) }
                // Folding is no part of a quoted-string's value.
                if octet != 0x0d && octet != 0x0a { quoted?.append(octet) }
            } else if octet == UInt8(ascii: "(") {
                if depth == 0, !token.isEmpty { break }
                depth += 1
            } else if depth > 0 {
                if octet == UInt8(ascii: ")") { depth -= 1 }
            } else if octet == UInt8(ascii: "\""), token.isEmpty {
                quoted = []
            } else if octet <= 0x20 || octet == 0x7f || ";=/\"".utf8.contains(octet) {
                if !token.isEmpty || octet > 0x20 { break }
            } else {
                token.append(octet)
            }
        }
        return token.isEmpty ? nil : lowered(token[...])
    }

    private static func lowered(_ octets: some Collection<UInt8>) -> [UInt8] {
        var result = octets.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
        if result.last == UInt8(ascii: ".") { result.removeLast() }
        return result
    }
}
