public import MIME
import MailCrypto
public import NIOCore

/// Seals messages that are sent on (RFC 8617 §5.1): it says what was found of them here, and of the chain that they bring.
public struct ARCSealer: Sendable {
    private let key: DKIMKey
    private let headerNames: [String]?

    /// - Parameter headerNames: fields that are signed, in lower case and that order; by default those that DKIM signs. Those
    ///   that servers on the way write, and ARC's own, may not be among them.
    public init(_ key: DKIMKey, headerNames: [String]? = nil) {
        self.key = key
        self.headerNames = headerNames
    }

    /// The three fields of the next instance to put in front of the message, each with CR LF: seal, signature, results.
    ///
    /// Takes two signatures, about 2 ms with 2,048-bit RSA, beside hashing the body: not for an event loop.
    ///
    /// - Parameters:
    ///   - header: of the message as it will be sent.
    ///   - results: what was found when it came.
    ///   - status: of its chain, as the verifier found it when it came.
    ///   - unixSeconds: now.
    /// - Returns: nothing when the chain has ended: it was sealed as broken before, or has 50 sets (§5.1).
    /// - Throws: `DKIMSigner.Failure`, or what the body's source throws.
    public func seal(
        _ header: Header, body: some BodySource, results: AuthenticationResults, status: ARCStatus, unixSeconds: Int64
    ) async throws -> ByteBuffer {
        let signed = SignedHeader(header)
        guard let instance = ARCChain.nextInstance(signed) else { return ByteBuffer() }
        guard !signed.isCut, let names = headerNames ?? SignedFieldNames.names(for: signed) else {
            throw DKIMSigner.Failure.tooManyFields
        }
        let request = BodyHashRequest(canonicalization: .relaxed)
        let hashes = try await body.feed(BodyHasher([request])).finish()
        guard let bodyHash = hashes[request]?.digest else { return ByteBuffer() }
        let resultsField = results.field(named: ARCChain.resultsName, after: "i=\(instance); ")
        let message = try message(instance, signed, names: names, bodyHash: bodyHash, unixSeconds)
        // What comes without a chain is none, and what has sets and no chain is broken.
        let isFirst = instance == 1
        let state = status == .fail ? status : isFirst ? .none : status == .none ? .fail : status
        let seal = try seal(instance, signed, added: [resultsField, message], status: state, unixSeconds)
        return ByteBuffer(string: seal + message + resultsField)
    }

    private func message(
        _ instance: Int, _ header: SignedHeader, names: [String], bodyHash: SHA256.Digest, _ now: Int64
    ) throws -> String {
        var text = SignatureFieldText(ARCMessageSignature.fieldName)
        text.append("i", "\(instance)")
        text.append("a", SignatureAlgorithm(key.key.kind).rawValue)
        text.append("c", "relaxed/relaxed")
        text.append("d", key.domain)
        text.append("s", key.selector)
        text.append("t", "\(max(0, now))")
        text.append(headerNames: names)
        text.append("bh", Base64.encode(bodyHash.octets))
        return try signed(&text, header.fields(named: names))
    }

    private func seal(
        _ instance: Int, _ header: SignedHeader, added: [String], status: ARCStatus, _ now: Int64
    ) throws -> String {
        var text = SignatureFieldText(ARCSeal.fieldName)
        text.append("i", "\(instance)")
        text.append("a", SignatureAlgorithm(key.key.kind).rawValue)
        text.append("cv", status.rawValue)
        text.append("d", key.domain)
        text.append("s", key.selector)
        text.append("t", "\(max(0, now))")
        // §5.1.2: of a broken chain only the newest set is sealed.
        var fields: [FieldOctets] = []
        if status == .pass, case .sets(let sets) = ARCChain(header) {
            for set in sets {
                fields += [set.resultsIndex, set.messageIndex, set.sealIndex].map(header.field(at:))
            }
        }
        return try signed(&text, fields + added.map(FieldOctets.init(line:)))
    }

    private func signed(_ text: inout SignatureFieldText, _ fields: [FieldOctets]) throws -> String {
        let digest = FieldOctets.digest(of: fields, signature: text.finish(), .relaxed)
        do throws(CertificateError) {
            return text.text(Base64.encode(try key.key.sign(digest)))
        } catch {
            throw DKIMSigner.Failure.key(error)
        }
    }
}
