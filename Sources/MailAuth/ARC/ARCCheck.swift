import MailCrypto

/// The validation of one chain.
struct ARCCheck {
    /// Keys looked up for one message; a chain that needs more is not validated. RFC 8617 allows 50 sets.
    static let keysMax = 12

    let chain: ARCChain

    init(_ header: SignedHeader) { chain = ARCChain(header) }

    private var sets: [ARCSet] {
        if case .sets(let sets) = chain { sets } else { [] }
    }

    /// Only of the last set is the message signature checked (RFC 8617 §5.2 step 4): those before it may have been broken
    /// rightly.
    var bodyHashRequest: BodyHashRequest? { sets.last?.message.tags.bodyHashRequest }

    var keyNames: Set<KeyName> {
        var names = Set(sets.map(\.seal.key))
        if let last = sets.last { names.insert(last.message.tags.key) }
        return names.count <= Self.keysMax ? names : []
    }

    /// RFC 8617 §5.2.1: every failure is final, those of the DNS too.
    func outcome(_ check: SignatureCheck) -> ARCOutcome {
        switch chain {
        case .none: return ARCOutcome(status: .none)
        case .malformed(let why): return failed(why)
        case .sets(let sets):
            guard let last = sets.last else { return ARCOutcome(status: .none) }
            guard !keyNames.isEmpty else { return failed("more than \(Self.keysMax) keys") }
            do throws(SignatureFault) {
                try verify(last.message, at: last.messageIndex, check)
            } catch {
                return failed("message signature \(last.instance): \(error.reason)")
            }
            for count in (1...sets.count).reversed() {
                do throws(SignatureFault) {
                    try verifySeal(of: sets.prefix(count), check)
                } catch {
                    return failed("seal \(count): \(error.reason)")
                }
            }
            return ARCOutcome(status: .pass, sealers: sets.map(ARCOutcome.Sealer.init))
        }
    }

    private func failed(_ why: String) -> ARCOutcome {
        ARCOutcome(status: .fail, reason: PlainText.printable(why, max: 300))
    }

    private func verify(
        _ message: ARCMessageSignature, at index: Int, _ check: SignatureCheck
    ) throws(SignatureFault) {
        let tags = message.tags
        let uncovered = try check.firstProof(tags.key, tags.algorithm) { record throws(SignatureFault) in
            try check.verify(tags, at: index, with: record.key)
        }
        guard uncovered == 0 else { throw .unacceptable("l= leaves \(uncovered) octets of the body unsigned") }
    }

    /// RFC 8617 §5.1.1: a seal covers all sets up to its own, and itself with an empty `b=`.
    private func verifySeal(of sets: ArraySlice<ARCSet>, _ check: SignatureCheck) throws(SignatureFault) {
        guard let last = sets.last else { return }
        var fields: [FieldOctets] = []
        for set in sets {
            fields += [check.header.field(at: set.resultsIndex), check.header.field(at: set.messageIndex)]
            if set.instance < last.instance { fields.append(check.header.field(at: set.sealIndex)) }
        }
        let digest = FieldOctets.digest(
            of: fields, signature: check.header.field(at: last.sealIndex).removing(last.seal.signatureRange), .relaxed)
        try check.firstProof(last.seal.key, last.seal.algorithm) { record throws(SignatureFault) in
            guard record.key.kind != .rsa || record.key.bits >= DKIMKeyRecord.rsaBitsMin else {
                throw .unacceptable("a key of \(record.key.bits) bits is too short")
            }
            guard record.key.isValid(last.seal.signature, for: digest) else { throw .failed("it does not verify") }
        }
    }
}

extension ARCOutcome.Sealer {
    fileprivate init(_ set: ARCSet) {
        self.init(
            instance: set.instance, domain: set.seal.key.domain, results: AuthenticationResults(parsing: set.results))
    }
}
