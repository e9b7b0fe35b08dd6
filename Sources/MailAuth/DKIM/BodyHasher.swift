import MailCrypto

/// One way in which a signature wants a body hashed.
struct BodyHashRequest: Hashable, Sendable {
    var canonicalization: Canonicalization
    /// `l=`: octets of the canonical body that are hashed; nil for all.
    var octetsMax: Int?
}

/// What was asked for.
struct BodyHash: Equatable, Sendable {
    var digest: SHA256.Digest
    /// Of the whole canonical body.
    var bodyOctets: Int
}

/// Hashes a body while it is read, once for all signatures of a message: the time does not grow with their number.
public struct BodyHasher: Sendable {
    private var bodies: [CanonicalBody]

    init(_ requests: some Sequence<BodyHashRequest>) {
        let requests = Set(requests)
        bodies = [Canonicalization.simple, .relaxed].compactMap { canonicalization in
            let wanted = requests.filter { $0.canonicalization == canonicalization }
            return wanted.isEmpty ? nil : CanonicalBody(canonicalization, lengths: wanted.map(\.octetsMax))
        }
    }

    /// Takes the next piece of the body, of any length.
    public mutating func update(_ octets: UnsafeRawBufferPointer) {
        for index in bodies.indices { bodies[index].update(octets) }
    }

    /// Ends the body.
    consuming func finish() -> [BodyHashRequest: BodyHash] {
        var hashes: [BodyHashRequest: BodyHash] = [:]
        for var body in bodies {
            for (length, digest) in body.finish() {
                let request = BodyHashRequest(canonicalization: body.canonicalization, octetsMax: length)
                hashes[request] = BodyHash(digest: digest, bodyOctets: body.count)
            }
        }
        return hashes
    }
}

/// Where a message's body is read from.
public protocol BodySource: Sendable {
    /// Hands all octets behind the header's empty line to the hasher, in their order and in pieces of any length.
    ///
    /// - Returns: the hasher that it was given, fed.
    func feed(_ hasher: BodyHasher) async throws -> BodyHasher
}
