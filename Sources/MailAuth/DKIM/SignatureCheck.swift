import MailCrypto

/// What signatures are checked against: the message, and the keys.
struct SignatureCheck {
    let header: SignedHeader
    /// Nil when the body could not be read.
    let bodyHashes: [BodyHashRequest: BodyHash]?
    let keys: KeyRing

    /// What a signature that verifies brought to light.
    struct Proof {
        var record: DKIMKeyRecord
        var uncoveredOctets = 0
    }

    /// Tries the published keys; the first with which the signature verifies counts, else what is wrong with the first.
    func firstProof<Value>(
        _ name: KeyName, _ algorithm: SignatureAlgorithm,
        _ verify: (DKIMKeyRecord) throws(SignatureFault) -> Value
    ) throws(SignatureFault) -> Value {
        var fault: SignatureFault?
        for text in try keys.records(of: name) {
            do throws(SignatureFault) {
                return try verify(try DKIMKeyRecord(text, for: algorithm))
            } catch {
                fault = fault ?? error
            }
        }
        throw fault ?? .permanent("there is no key \(name.recordName)")
    }

    /// RFC 6376 §6.1.3: the body, then the header.
    ///
    /// - Parameter index: of the signature's field.
    /// - Returns: octets of the canonical body that `l=` leaves out.
    func verify(
        _ tags: SignatureTags, at index: Int, with key: VerifyingKey
    ) throws(SignatureFault) -> Int {
        if key.kind == .rsa, key.bits < DKIMKeyRecord.rsaBitsMin {
            throw .unacceptable("a key of \(key.bits) bits is too short")
        }
        guard let bodyHashes else { throw .temporary("the body cannot be read") }
        guard let body = bodyHashes[tags.bodyHashRequest] else { throw .permanent("the body was not hashed") }
        let length = tags.bodyOctetsMax ?? body.bodyOctets
        guard length <= body.bodyOctets else { throw .failed("l= is more than the body has") }
        guard body.digest.octets == tags.bodyHash else { throw .failed("the body is not what was signed") }
        let digest = FieldOctets.digest(
            of: header.fields(named: tags.headerNames, except: index),
            signature: header.field(at: index).removing(tags.signatureRange), tags.headerCanonicalization)
        guard key.isValid(tags.signature, for: digest) else { throw .failed("the signature does not verify") }
        return body.bodyOctets - length
    }
}
