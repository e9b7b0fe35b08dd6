/// What a client says first (RFC 5802 §7):
///
///     client-first-message = gs2-header client-first-message-bare
///     gs2-header           = gs2-cbind-flag "," [ authzid ] ","
///     gs2-cbind-flag       = ("p=" cb-name) / "n" / "y"
///     client-first-message-bare = [reserved-mext ","] username "," nonce ["," extensions]
struct SCRAMClientFirst: Equatable, Sendable {
    enum Binding: Equatable, Sendable {
        /// "n": the client cannot tie.
        case unsupported
        /// "y": it could, but believes that the server cannot.
        case unoffered
        /// "p=": it does, by this name.
        case used(String)
    }

    var binding: Binding
    /// With its last comma, as the final message repeats it.
    var header: String
    var authorizationIdentity: String?
    var name: String
    var nonce: String
    var bare: String

    init?(_ octets: [UInt8]) {
        guard let text = String(validating: octets, as: UTF8.self), !octets.contains(0) else { return nil }
        let parts = text.split(separator: ",", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3 else { return nil }
        switch parts[0] {
        case "n": binding = .unsupported
        case "y": binding = .unoffered
        case let flag where flag.hasPrefix("p="): binding = .used(String(flag.dropFirst(2)))
        default: return nil
        }
        if !parts[1].isEmpty {
            guard let other = Self.name(parts[1], "a=") else { return nil }
            authorizationIdentity = other
        }
        header = "\(parts[0]),\(parts[1]),"
        bare = String(parts[2])
        // RFC 5802 §5.1: what "m=" would ask for is not known, so that it must fail; it stands where "n=" is wanted.
        let attributes = parts[2].split(separator: ",", omittingEmptySubsequences: false)
        guard attributes.count >= 2, let name = Self.name(attributes[0], "n="), attributes[1].hasPrefix("r=") else {
            return nil
        }
        self.name = name
        nonce = String(attributes[1].dropFirst(2))
        guard (1...Self.nonceOctetsMax).contains(nonce.utf8.count),
            nonce.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else { return nil }
    }

    /// In octets. The RFC sets no bound.
    static let nonceOctetsMax = 512

    /// `saslname = 1*(value-safe-char / "=2C" / "=3D")`
    private static func name(_ attribute: Substring, _ prefix: String) -> String? {
        guard attribute.hasPrefix(prefix) else { return nil }
        var octets: [UInt8] = []
        var rest = attribute.utf8.dropFirst(prefix.utf8.count)
        while let octet = rest.popFirst() {
            guard octet == UInt8(ascii: "=") else {
                octets.append(octet)
                continue
            }
            switch (rest.popFirst(), rest.popFirst()) {
            case (UInt8(ascii: "2"), UInt8(ascii: "C")): octets.append(UInt8(ascii: ","))
            case (UInt8(ascii: "3"), UInt8(ascii: "D")): octets.append(UInt8(ascii: "="))
            default: return nil
            }
        }
        return Credentials.text(octets[...], octetsMax: Credentials.identityOctetsMax)
    }
}

/// What a client says last (RFC 5802 §7):
///
///     client-final-message = channel-binding "," nonce ["," extensions] "," proof
struct SCRAMClientFinal: Equatable, Sendable {
    /// "c=", base64 undone: the header, and behind it what the channel is known by.
    var binding: [UInt8]
    var nonce: String
    var proof: [UInt8]
    var withoutProof: String

    init?(_ octets: [UInt8]) {
        guard let text = String(validating: octets, as: UTF8.self) else { return nil }
        let attributes = text.split(separator: ",", omittingEmptySubsequences: false)
        guard attributes.count >= 3, let last = attributes.last, last.hasPrefix("p="), attributes[0].hasPrefix("c="),
            attributes[1].hasPrefix("r="),
            let binding = try? Base64.decode(Array(attributes[0].utf8.dropFirst(2)), octetsMax: 2_048),
            let proof = try? Base64.decode(Array(last.utf8.dropFirst(2)), octetsMax: 32), proof.count == 32
        else { return nil }
        self.binding = binding
        self.proof = proof
        nonce = String(attributes[1].dropFirst(2))
        withoutProof = String(text.dropLast(last.count + 1))
    }
}
