public import MailCrypto

/// A domain's key for signing, and how its public half is published (RFC 6376 §3.6).
public struct DKIMKey: Sendable {
    /// Lower case, A-labels.
    public let domain: String
    /// Lower case, A-labels.
    public let selector: String
    public let key: SigningKey

    /// - Throws: `badName` when the record could have no such name.
    public init(domain: String, selector: String, key: SigningKey) throws(CertificateError) {
        let name = KeyName(
            domain: PublicSuffixList.key(domain), selector: PublicSuffixList.key(selector))
        guard name.isPossible else { throw .badName("\(selector)._domainkey.\(domain)") }
        self.domain = name.domain
        self.selector = name.selector
        self.key = key
    }

    var name: KeyName { KeyName(domain: domain, selector: selector) }

    /// Where the record is to be published, without a final dot.
    public var recordName: String { name.recordName }

    /// The text of the TXT record, its strings joined.
    public func recordText() throws(CertificateError) -> String {
        "v=DKIM1; k=\(key.kind.rawValue); p=\(Base64.encode(try key.publicOctets()))"
    }

    /// The record as a line of a zone file (RFC 1035 §5.1): in strings of at most 255 octets, which is all that one holds.
    public func zoneFileLine() throws(CertificateError) -> String {
        let text = Array(try recordText().utf8)
        let strings = stride(from: 0, to: text.count, by: 255).map { start in
            "\"" + String(decoding: text[start..<min(start + 255, text.count)], as: UTF8.self) + "\""
        }
        return "\(recordName). IN TXT ( \(strings.joined(separator: " ")) )"
    }
}
