import MailCrypto

/// The octets of one header field, without its last line end.
struct FieldOctets {
    /// Without white space behind it.
    var name: ArraySlice<UInt8>
    /// All behind the colon, folded as it stands.
    var value: ArraySlice<UInt8>
    /// The whole, folded as it stands.
    var line: ArraySlice<UInt8>

    init(name: ArraySlice<UInt8>, value: ArraySlice<UInt8>, line: ArraySlice<UInt8>) {
        self.name = name
        self.value = value
        self.line = line
    }

    /// A field of our own making.
    init(_ name: String, _ value: String) {
        self.name = Array(name.utf8)[...]
        self.value = Array(value.utf8)[...]
        line = self.name + [UInt8(ascii: ":")] + self.value
    }

    /// A field of our own making, whole.
    init(line: String) {
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        var value = parts.count > 1 ? parts[1] : ""
        if value.hasSuffix("\r\n") { value.removeLast() }
        self.init(String(parts[0]), String(value))
    }

    /// The field with a part of its value taken out: a signature is made over its own field with an empty `b=`.
    ///
    /// - Parameter range: counted from the start of the value.
    func removing(_ range: Range<Int>) -> FieldOctets {
        let start = min(value.startIndex + range.lowerBound, value.endIndex)
        let end = min(value.startIndex + range.upperBound, value.endIndex)
        var field = self
        field.value = value[..<start] + value[end...]
        field.line = line[..<start] + line[end...]
        return field
    }

    /// What a signature signs (RFC 6376 §3.7): fields, then its own with an empty `b=` and without a line end.
    static func digest(
        of fields: [FieldOctets], signature: FieldOctets, _ canonicalization: Canonicalization
    ) -> SHA256.Digest {
        var data: [UInt8] = []
        for field in fields {
            canonicalization.append(field, to: &data)
            data += [0x0d, 0x0a]
        }
        canonicalization.append(signature, to: &data)
        return SHA256.hash(data)
    }
}

extension UInt8 {
    var isASCIIUpper: Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) }
}
