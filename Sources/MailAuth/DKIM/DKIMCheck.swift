import MailCrypto

/// One DKIM-Signature field on its way to an outcome.
struct DKIMCheck {
    /// Clocks of senders may be wrong by a day, or by their zone.
    static let futureSecondsMax: Int64 = 86_400

    /// Of the field.
    let index: Int
    /// What the field claims, as far as it can be read.
    private let claims: DKIMOutcome
    private(set) var signature: Result<DKIMSignature, SignatureFault>

    init(_ header: SignedHeader, at index: Int) {
        self.index = index
        let value = Array(header.field(at: index).value)
        let tags = Result { () throws(SignatureFault) in try TagList(value) }
        claims = DKIMOutcome(claimedBy: try? tags.get())
        signature = tags.flatMap { tags in Result { () throws(SignatureFault) in try DKIMSignature(tags) } }
        if header.isCut { signature = .failure(.permanent("the header is too long")) }
    }

    /// What must be known before it can be judged.
    var tags: SignatureTags? { try? signature.get().tags }

    /// RFC 6376 §6.1. Here and not before is the key used; nothing waits.
    func outcome(_ check: SignatureCheck, unixSeconds: Int64) -> DKIMOutcome {
        var outcome = claims
        do throws(SignatureFault) {
            let signature = try signature.get()
            let tags = signature.tags
            // More From fields than names: one of them stands in front of those that were signed (§8.15).
            outcome.coversFrom =
                tags.headerNames.count { $0 == "from" } >= check.header.indices(named: "from").count
            try checkTimes(tags, unixSeconds)
            outcome.uncoveredOctets = try check.firstProof(tags.key, tags.algorithm) { record throws(SignatureFault) in
                outcome.keyBits = record.key.bits
                outcome.isTesting = record.isTesting
                if record.isForDomainOnly, signature.identityDomain != tags.key.domain {
                    throw .permanent("i= is below d=, which the key does not allow")
                }
                return try check.verify(tags, at: index, with: record.key)
            }
            outcome.result = .pass
            outcome.reason = note(outcome)
            // RFC 8601 §2.7.1 has a word for what verifies and is not good enough for us.
            if outcome.uncoveredOctets > 0 {
                outcome.result = .policy
                outcome.reason = "l= leaves \(outcome.uncoveredOctets) octets of the body unsigned"
            }
        } catch {
            outcome.result = error.result
            outcome.reason = PlainText.printable(error.reason, max: 300)
            if error.result == .fail, outcome.isTesting {
                outcome.result = .neutral
                outcome.reason += ", and its domain is testing"
            }
        }
        return outcome
    }

    /// RFC 6376 §3.5 lets us ignore what is from the future, and what has expired.
    private func checkTimes(_ tags: SignatureTags, _ now: Int64) throws(SignatureFault) {
        if let expiresAt = tags.expiresAt, expiresAt < now { throw .failed("the signature has expired") }
        if let signedAt = tags.signedAt, signedAt > now + Self.futureSecondsMax {
            throw .unacceptable("the signature is from the future")
        }
    }

    /// RFC 8301 §3.2: keys of less than 2,048 bits should not be used any more; RFC 6376 §3.6.1: nor is `t=y` to last.
    private func note(_ outcome: DKIMOutcome) -> String {
        var notes: [String] = []
        if let bits = outcome.keyBits, bits < 2_048, outcome.algorithm == SignatureAlgorithm.rsaSHA256.rawValue {
            notes.append("a key of only \(bits) bits")
        }
        if outcome.isTesting { notes.append("its domain is testing") }
        if !outcome.coversFrom { notes.append("not all From fields are signed") }
        return notes.joined(separator: ", ")
    }
}

extension DKIMOutcome {
    /// Everything in it is the stranger's word.
    fileprivate init(claimedBy tags: TagList?) {
        let domain = PublicSuffixList.key(tags?["d"] ?? "")
        let digits = (tags?.tag("b")?.value ?? []).filter { !TagList.isWhiteSpace($0) }
        self.init(
            result: .permerror, domain: domain, selector: PublicSuffixList.key(tags?["s"] ?? ""),
            identity: tags?["i"] ?? (domain.isEmpty ? "" : "@" + domain), algorithm: tags?["a"] ?? "",
            coversFrom: false, signature: String(decoding: digits, as: UTF8.self))
    }
}
