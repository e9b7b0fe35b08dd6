public import MIME
public import MailCrypto
public import NIOCore

/// Signs messages (RFC 6376 §5), relaxed in header and body, once with each of its keys.
public struct DKIMSigner: Sendable {
    public enum Failure: Error, Equatable, Sendable {
        /// Without it a signature says nothing (RFC 6376 §5.4).
        case noFrom
        /// The header has more fields than a signature may name, or than we read.
        case tooManyFields
        case key(CertificateError)
    }

    private let keys: [DKIMKey]
    private let goodForSeconds: Int64?

    /// - Parameters:
    ///   - keys: commonly one of RSA, which all verify, and one of Ed25519. With an empty list nothing is signed.
    ///   - goodForSeconds: `x=` lies so far behind `t=`; nil for no end.
    public init(_ keys: [DKIMKey], goodForSeconds: Int64? = nil) {
        self.keys = keys
        self.goodForSeconds = goodForSeconds
    }

    /// The DKIM-Signature fields to put in front of the message, each with CR LF; the same for the same input.
    ///
    /// Takes about 1 ms for 2,048-bit RSA and 0.1 ms for Ed25519 beside hashing the body: not for an event loop.
    ///
    /// - Parameters:
    ///   - header: of the message as it will be sent, with all of its fields.
    ///   - unixSeconds: now.
    /// - Throws: `Failure`, or what the body's source throws.
    public func sign(_ header: Header, body: some BodySource, unixSeconds: Int64) async throws -> ByteBuffer {
        let signed = SignedHeader(header)
        guard !signed.indices(named: "from").isEmpty else { throw Failure.noFrom }
        guard !signed.isCut, let names = SignedFieldNames.names(for: signed) else { throw Failure.tooManyFields }
        let fields = signed.fields(named: names)
        let request = BodyHashRequest(canonicalization: .relaxed)
        let hashes = try await body.feed(BodyHasher([request])).finish()
        var output = ByteBuffer()
        guard let bodyHash = hashes[request]?.digest else { return output }
        for key in keys {
            var text = text(key, bodyHash: bodyHash, names: names, unixSeconds: unixSeconds)
            let digest = FieldOctets.digest(of: fields, signature: text.finish(), .relaxed)
            do throws(CertificateError) {
                output.writeString(text.text(Base64.encode(try key.key.sign(digest))))
            } catch {
                throw Failure.key(error)
            }
        }
        return output
    }

    private func text(
        _ key: DKIMKey, bodyHash: SHA256.Digest, names: [String], unixSeconds: Int64
    ) -> SignatureFieldText {
        var text = SignatureFieldText(DKIMSignature.fieldName)
        text.append("v", "1")
        text.append("a", SignatureAlgorithm(key.key.kind).rawValue)
        text.append("c", "relaxed/relaxed")
        text.append("d", key.domain)
        text.append("s", key.selector)
        text.append("t", "\(max(0, unixSeconds))")
        if let goodForSeconds { text.append("x", "\(max(0, unixSeconds) + goodForSeconds)") }
        text.append(headerNames: names)
        text.append("bh", Base64.encode(bodyHash.octets))
        return text
    }
}
