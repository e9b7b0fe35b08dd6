import MailCrypto

/// What DKIM-Signature (RFC 6376 §3.5) and ARC-Message-Signature (RFC 8617 §4.1.2) have in common.
struct SignatureTags: Equatable, Sendable {
    static let headerNamesMax = 500

    var algorithm: SignatureAlgorithm
    /// `b=`, decoded.
    var signature: [UInt8]
    /// Where `b=` stands in the field's value.
    var signatureRange: Range<Int>
    /// `bh=`, decoded.
    var bodyHash: [UInt8]
    var headerCanonicalization: Canonicalization
    var bodyCanonicalization: Canonicalization
    var key: KeyName
    /// `h=`, in lower case; empty ones left out.
    var headerNames: [String]
    /// `l=`.
    var bodyOctetsMax: Int?
    /// Seconds since 1970-01-01T00:00:00Z.
    var signedAt: Int64?
    /// Seconds since 1970-01-01T00:00:00Z; the last in which the signature counts.
    var expiresAt: Int64?

    var bodyHashRequest: BodyHashRequest {
        BodyHashRequest(canonicalization: bodyCanonicalization, octetsMax: bodyOctetsMax)
    }

    /// - Parameter canonicalization: where `c=` is missing.
    init(_ tags: TagList, defaulting canonicalization: Canonicalization = .simple) throws(SignatureFault) {
        algorithm = try .named(try Self.required("a", tags))
        (signature, signatureRange) = try Self.signature(tags)
        bodyHash = try Self.base64("bh", tags)
        guard bodyHash.count == SHA256.Digest.octetsCount else { throw .permanent("bh= is no SHA-256 digest") }
        (headerCanonicalization, bodyCanonicalization) = (canonicalization, canonicalization)
        if let text = tags["c"] {
            guard let pair = Canonicalization.pair(text) else { throw .permanent("an unknown canonicalization in c=") }
            (headerCanonicalization, bodyCanonicalization) = pair
        }
        key = try KeyName(tags)
        headerNames = try Self.headerNames(tags)
        bodyOctetsMax = try Self.number("l", digitsMax: 76, tags).map { Int(clamping: $0) }
        signedAt = try Self.number("t", digitsMax: 12, tags)
        expiresAt = try Self.number("x", digitsMax: 12, tags)
        if let signedAt, let expiresAt, expiresAt <= signedAt { throw .permanent("x= is not after t=") }
    }

    static func signature(_ tags: TagList) throws(SignatureFault) -> ([UInt8], Range<Int>) {
        let octets = try base64("b", tags)
        guard let range = tags.tag("b")?.range else { throw .permanent("b= is missing") }
        return (octets, range)
    }

    static func required(_ name: String, _ tags: TagList) throws(SignatureFault) -> String {
        guard let value = tags[name] else { throw .permanent("\(name)= is missing") }
        guard !value.isEmpty else { throw .permanent("\(name)= is empty") }
        return value
    }

    static func number(_ name: String, digitsMax: Int, _ tags: TagList) throws(SignatureFault) -> Int64? {
        guard let tag = tags.tag(name) else { return nil }
        guard let number = tag.number(digitsMax: digitsMax) else { throw .permanent("\(name)= is no number") }
        return number
    }

    private static func base64(_ name: String, _ tags: TagList) throws(SignatureFault) -> [UInt8] {
        _ = try required(name, tags)
        guard let octets = tags.tag(name)?.base64 else { throw .permanent("\(name)= is not Base64") }
        return octets
    }

    private static func headerNames(_ tags: TagList) throws(SignatureFault) -> [String] {
        guard let tag = tags.tag("h") else { throw .permanent("h= is missing") }
        let names = tag.list.filter { !$0.isEmpty }
        guard names.count <= headerNamesMax else { throw .permanent("more than \(headerNamesMax) names in h=") }
        // RFC 5322 §2.2 `field-name`.
        guard names.allSatisfy({ $0.utf8.allSatisfy { (0x21...0x7e).contains($0) } }) else {
            throw .permanent("h= has a name that no field can have")
        }
        return names.map { $0.lowercased() }
    }
}
