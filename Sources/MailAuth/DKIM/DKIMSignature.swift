import MailCrypto

/// A DKIM-Signature field (RFC 6376 §3.5), free of errors as far as that can be seen without its key.
struct DKIMSignature: Equatable, Sendable {
    static let fieldName = "DKIM-Signature"

    var tags: SignatureTags
    /// The domain of `i=`: `d=` or below it.
    var identityDomain: String

    /// RFC 6376 §6.1.1.
    init(_ tags: TagList) throws(SignatureFault) {
        guard try SignatureTags.required("v", tags) == "1" else { throw .permanent("an unknown version in v=") }
        self.tags = try SignatureTags(tags)
        // §3.5: names of fields are not optional.
        guard tags.tag("h")?.list.contains("") == false else { throw .permanent("h= has an empty name") }
        // §5.4.
        guard self.tags.headerNames.contains("from") else { throw .permanent("From is not signed") }
        if let methods = tags.tag("q")?.list, !methods.contains("dns/txt") {
            throw .permanent("q= knows no way that we know to find the key")
        }
        identityDomain = try Self.identityDomain(tags, signer: self.tags.key.domain)
    }

    /// `sig-i-tag = [ Local-part ] "@" domain-name`, quoted-printable of its own kind (RFC 6376 §2.11); the domain is that
    /// of `d=` or one below it.
    private static func identityDomain(_ tags: TagList, signer: String) throws(SignatureFault) -> String {
        guard let tag = tags.tag("i") else { return signer }
        let octets = decoded(tag.value)
        guard let at = octets.lastIndex(of: UInt8(ascii: "@")) else { throw .permanent("i= has no \"@\"") }
        let domain = PublicSuffixList.key(String(decoding: octets[(at + 1)...], as: UTF8.self))
        guard domain == signer || domain.hasSuffix("." + signer) else {
            throw .permanent("i= is not of the domain of d=")
        }
        return domain
    }

    /// `dkim-quoted-printable`: white space is nothing, "=" and two hexadecimal digits are an octet. What is malformed
    /// stays as it stands.
    private static func decoded(_ value: ArraySlice<UInt8>) -> [UInt8] {
        var rest = value.filter { !TagList.isWhiteSpace($0) }[...]
        var octets: [UInt8] = []
        while let octet = rest.popFirst() {
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            if octet == UInt8(ascii: "="), let value = Hexadecimal.decode(digits)?.first {
                octets.append(value)
                rest = rest.dropFirst(2)
            } else {
                octets.append(octet)
            }
        }
        return octets
    }
}
