public import DNS
public import MIME
import MailCrypto
import Observation

/// What the signatures in a message say of it.
public struct SignatureFindings: Equatable, Sendable {
    /// In the order of the message, from the top; at most `SignatureVerifier.signaturesMax`.
    public var dkim: [DKIMOutcome]
    /// DKIM signatures beyond those, which nobody looked at.
    public var signaturesIgnored: Int
    public var arc: ARCOutcome

    public init(dkim: [DKIMOutcome] = [], signaturesIgnored: Int = 0, arc: ARCOutcome = ARCOutcome(status: .none)) {
        self.dkim = dkim
        self.signaturesIgnored = signaturesIgnored
        self.arc = arc
    }
}

/// Verifies DKIM signatures (RFC 6376, 8301, 8463) and the ARC chain (RFC 8617) of messages: the body is read once, while
/// the keys are looked up side by side.
public struct SignatureVerifier: Sendable {
    /// DKIM signatures verified of one message. RFC 6376 §8.4 asks for a bound.
    public static let signaturesMax = 10
    /// DKIM signatures of which it is looked who made them.
    private static let signaturesReadMax = 100

    private static let verified = Counter(
        "postino_dkim_signatures_total", help: "DKIM signatures that were looked at.")
    private static let passed = Counter("postino_dkim_passed_total", help: "DKIM signatures that passed.")

    private let resolver: any Resolver
    private let millisecondsMax: Int

    /// - Parameter millisecondsMax: for the look-ups of one message; keys that take longer are temporary errors.
    public init(resolver: any Resolver, millisecondsMax: Int = 5_000) {
        self.resolver = resolver
        self.millisecondsMax = millisecondsMax
    }

    /// Waits for the DNS and for the body; between them it needs the processor: a message of 8 KiB about a fifth of a
    /// millisecond a signature, a long one as much as hashing takes. Not for an event loop.
    ///
    /// - Parameters:
    ///   - header: of the message, with all of its fields.
    ///   - domain: of From. Signatures of it, above it or below it go first when there are too many.
    ///   - unixSeconds: now.
    public func verify(
        _ header: Header, body: some BodySource, preferring domain: String? = nil, unixSeconds: Int64
    ) async -> SignatureFindings {
        let signed = SignedHeader(header)
        let indices = signed.indices(named: DKIMSignature.fieldName.lowercased())
        let checks = Self.chosen(indices.prefix(Self.signaturesReadMax).map { DKIMCheck(signed, at: $0) }, domain)
        let arc = ARCCheck(signed)
        let names = arc.keyNames.union(checks.compactMap { $0.tags?.key })
        async let keys = KeyRing(of: names, resolver, millisecondsMax: millisecondsMax)
        let requests = checks.compactMap { $0.tags?.bodyHashRequest } + [arc.bodyHashRequest].compactMap { $0 }
        let hashes = await Self.hashes(requests, body)
        let check = SignatureCheck(header: signed, bodyHashes: hashes, keys: await keys)
        let outcomes = checks.map { $0.outcome(check, unixSeconds: unixSeconds) }
        Self.verified.increment(by: outcomes.count)
        Self.passed.increment(by: outcomes.count { $0.result == .pass })
        return SignatureFindings(
            dkim: outcomes, signaturesIgnored: indices.count - checks.count, arc: arc.outcome(check))
    }

    /// At most `signaturesMax`, in the order of the message.
    private static func chosen(_ checks: [DKIMCheck], _ domain: String?) -> [DKIMCheck] {
        guard checks.count > signaturesMax, let domain else { return Array(checks.prefix(signaturesMax)) }
        let from = PublicSuffixList.key(domain)
        let first = checks.filter { check in
            guard let signer = check.tags?.key.domain else { return false }
            return signer == from || signer.hasSuffix("." + from) || from.hasSuffix("." + signer)
        }
        let others = checks.filter { check in !first.contains { $0.index == check.index } }
        return (first + others).prefix(signaturesMax).sorted { $0.index < $1.index }
    }

    private static func hashes(
        _ requests: [BodyHashRequest], _ body: some BodySource
    ) async -> [BodyHashRequest: BodyHash]? {
        guard !requests.isEmpty else { return [:] }
        return try? await body.feed(BodyHasher(requests)).finish()
    }
}
