import MailCrypto

/// One exchange by SCRAM-SHA-256 from its first message on (RFC 5802 §3).
struct SCRAMDialogue: Sendable {
    let first: SCRAMClientFirst
    private let keys: SCRAMKeys
    private let nonce: String
    /// The octets by which the final message must name the channel.
    private let binding: [UInt8]

    /// - Parameter endPoint: "tls-server-end-point" (RFC 5929 §4), nil when nothing is tied.
    init(_ first: SCRAMClientFirst, offer: SCRAMOffer, endPoint: [UInt8]?) {
        self.first = first
        keys = offer.keys
        nonce = first.nonce + offer.nonce
        binding = Array(first.header.utf8) + (endPoint ?? [])
    }

    var serverFirst: String {
        "r=\(nonce),s=\(String(decoding: Base64.encode(keys.salt), as: UTF8.self)),i=\(keys.iterations)"
    }

    /// Whether the proof is right, and what the server shows in return to prove that it knows the account.
    func check(_ final: SCRAMClientFinal) -> (claim: SCRAMClaim, signature: [UInt8]) {
        let message = Array("\(first.bare),\(serverFirst),\(final.withoutProof)".utf8)
        // ClientKey := ClientProof XOR ClientSignature, and H(ClientKey) is what was stored.
        let signature = HMACSHA256(key: keys.storedKey.octets).authenticate(message)
        let clientKey = zip(final.proof, signature.octets).map { $0 ^ $1 }
        let isRight = ConstantTime.isEqual(SHA256.hash(clientKey), keys.storedKey)
        let claim = SCRAMClaim(
            authorizationIdentity: first.authorizationIdentity, authenticationIdentity: first.name, keys: keys,
            isProven: isRight && final.nonce == nonce && final.binding == binding)
        return (claim, HMACSHA256(key: keys.serverKey.octets).authenticate(message).octets)
    }
}
