import MailCrypto

/// The tags of a signature or of a key record.
///
///     tag-list  = tag-spec *( ";" tag-spec ) [ ";" ]         ; RFC 6376 §3.2
///     tag-spec  = [FWS] tag-name [FWS] "=" [FWS] tag-value [FWS]
///     tag-name  = ALPHA *( ALPHA / DIGIT / "_" )
///     tag-value = [ tval *( 1*(WSP / FWS) tval ) ]            ; printable but for ";", and UTF-8 (RFC 8616 §4)
///
/// The RFC sets no bounds; we do, since a stranger writes it.
struct TagList: Equatable, Sendable {
    static let octetsMax = 32_768
    static let tagsMax = 100

    struct Tag: Equatable, Sendable {
        var name: String
        /// Without the white space around it.
        var value: ArraySlice<UInt8>
        /// Where the value stands in the list, white space around it included.
        var range: Range<Int>
    }

    private(set) var tags: [Tag] = []

    /// - Throws: also when a name occurs twice, which makes the whole list invalid (RFC 6376 §3.2).
    init(_ octets: [UInt8]) throws(SignatureFault) {
        guard octets.count <= Self.octetsMax else { throw .permanent("more than \(Self.octetsMax) octets of tags") }
        guard String(validating: octets, as: UTF8.self) != nil else { throw .permanent("tags that are not UTF-8") }
        var names: Set<String> = []
        var start = 0
        while start < octets.count {
            let end = octets[start...].firstIndex(of: UInt8(ascii: ";")) ?? octets.count
            // What may follow the last semicolon is white space.
            if end == octets.count, !tags.isEmpty, Self.trimmed(octets[start...]).isEmpty { break }
            guard tags.count < Self.tagsMax else { throw .permanent("more than \(Self.tagsMax) tags") }
            let tag = try Self.tag(octets[start..<end])
            guard names.insert(tag.name).inserted else { throw .permanent("the tag \(tag.name)= twice") }
            tags.append(tag)
            start = end + 1
        }
        guard !tags.isEmpty else { throw .permanent("no tags") }
    }

    /// Names are compared with regard to case (RFC 6376 §3.2).
    func tag(_ name: String) -> Tag? { tags.first { $0.name == name } }

    /// The value as it stands, inner white space included; nil when there is no such tag.
    subscript(_ name: String) -> String? { tag(name).map { String(decoding: $0.value, as: UTF8.self) } }

    private static func tag(_ octets: ArraySlice<UInt8>) throws(SignatureFault) -> Tag {
        guard let equals = octets.firstIndex(of: UInt8(ascii: "=")) else { throw .permanent("a tag without \"=\"") }
        let name = trimmed(octets[..<equals])
        guard let first = name.first, first.isASCIILetter,
            name.allSatisfy({ $0.isASCIILetter || $0.isASCIIDigit || $0 == UInt8(ascii: "_") })
        else { throw .permanent("a tag with a bad name") }
        let value = trimmed(octets[(equals + 1)...])
        let text = String(decoding: name, as: UTF8.self)
        guard value.allSatisfy({ $0 > 0x20 && $0 != 0x7f || isWhiteSpace($0) }) else {
            throw .permanent("a control character in \(text)=")
        }
        return Tag(name: text, value: value, range: (equals + 1)..<octets.endIndex)
    }

    /// Of FWS: blanks, and the line ends between them.
    static func isWhiteSpace(_ octet: UInt8) -> Bool {
        octet == 0x20 || octet == 0x09 || octet == 0x0d || octet == 0x0a
    }

    static func trimmed(_ octets: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var octets = octets
        while let first = octets.first, isWhiteSpace(first) { octets.removeFirst() }
        while let last = octets.last, isWhiteSpace(last) { octets.removeLast() }
        return octets
    }
}

/// Readers of values that several tags share.
extension TagList.Tag {
    /// Base64 with white space anywhere in it (RFC 6376 §2.10); nil when it is none.
    var base64: [UInt8]? {
        Base64.decode(String(decoding: value.filter { !TagList.isWhiteSpace($0) }, as: UTF8.self))
    }

    /// The parts between colons, without the white space around them.
    var list: [String] {
        value.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
            .map { String(decoding: TagList.trimmed($0), as: UTF8.self) }
    }

    /// At most `digitsMax` digits; a number beyond `Int64` is the largest that there is.
    func number(digitsMax: Int) -> Int64? {
        guard (1...digitsMax).contains(value.count), value.allSatisfy(\.isASCIIDigit) else { return nil }
        return value.reduce(0) { (sum: Int64, digit) in
            let (tens, isBeyond) = sum.multipliedReportingOverflow(by: 10)
            let (next, isFurther) = tens.addingReportingOverflow(Int64(digit - UInt8(ascii: "0")))
            return isBeyond || isFurther ? .max : next
        }
    }
}
