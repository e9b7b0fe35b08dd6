/// The state of a chain (RFC 8617 §4.4), as `cv=` and Authentication-Results say it.
public enum ARCStatus: String, Hashable, Sendable {
    /// There is no chain.
    case none
    case pass
    case fail
}

/// An ARC-Seal field (RFC 8617 §4.1.3).
struct ARCSeal: Equatable, Sendable {
    static let fieldName = "ARC-Seal"

    var instance: Int
    var algorithm: SignatureAlgorithm
    /// `b=`, decoded.
    var signature: [UInt8]
    /// Where `b=` stands in the field's value.
    var signatureRange: Range<Int>
    var key: KeyName
    /// What the sealer found of the chain before it.
    var status: ARCStatus

    init(_ tags: TagList) throws(SignatureFault) {
        instance = try ARCInstance.read(tags)
        algorithm = try .named(try SignatureTags.required("a", tags))
        (signature, signatureRange) = try SignatureTags.signature(tags)
        key = try KeyName(tags)
        guard let status = ARCStatus(rawValue: try SignatureTags.required("cv", tags)) else {
            throw .permanent("cv= is unknown")
        }
        self.status = status
        _ = try SignatureTags.number("t", digitsMax: 12, tags)
        // §4.1.3: what a seal covers is fixed.
        guard tags.tag("h") == nil else { throw .permanent("a seal has h=") }
    }
}

/// An ARC-Message-Signature field (RFC 8617 §4.1.2).
struct ARCMessageSignature: Equatable, Sendable {
    static let fieldName = "ARC-Message-Signature"

    var instance: Int
    var tags: SignatureTags

    init(_ tags: TagList) throws(SignatureFault) {
        instance = try ARCInstance.read(tags)
        // RFC 8617 does not say so, but the public suite does, and those who seal.
        self.tags = try SignatureTags(tags, defaulting: .relaxed)
        // §4.1.2.
        guard !self.tags.headerNames.contains(ARCSeal.fieldName.lowercased()) else {
            throw .permanent("a message signature names ARC-Seal")
        }
    }
}

/// `i=` (RFC 8617 §4.2.1).
enum ARCInstance {
    static let max = 50

    static func read(_ tags: TagList) throws(SignatureFault) -> Int {
        guard let instance = tags.tag("i")?.number(digitsMax: 2), (1...Int64(max)).contains(instance) else {
            throw .permanent("i= is not from 1 to \(max)")
        }
        return Int(instance)
    }

    /// `i=` in front of an ARC-Authentication-Results field (§4.1.1), and what follows it.
    ///
    ///     arc-info = instance [CFWS] ";" authres-payload
    static func split(_ value: ArraySlice<UInt8>) throws(SignatureFault) -> (instance: Int, payload: ArraySlice<UInt8>)
    {
        guard let semicolon = value.firstIndex(of: UInt8(ascii: ";")) else { throw .permanent("no \";\" behind i=") }
        let tags = try TagList(Array(value[..<semicolon]))
        return (try read(tags), value[(semicolon + 1)...])
    }
}
