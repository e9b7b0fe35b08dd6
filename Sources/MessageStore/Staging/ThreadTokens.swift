internal import MIME
internal import MailCrypto

/// What binds messages to a thread: hashes of the identifiers that they bear and name (RFC 5256 §3, REFERENCES, without
/// its look at subjects).
enum ThreadTokens {
    /// Its own and what it refers to, the nearest of these.
    static let max = 10

    static func of(_ header: MIME.Header) -> [Int64] {
        var identifiers = header.messageIDs("Message-ID", max: 1)
        identifiers += header.messageIDs("In-Reply-To", max: 2)
        identifiers += header.messageIDs("References").suffix(max).reversed()
        var tokens: [Int64] = []
        for identifier in identifiers where tokens.count < max {
            let token = hash(identifier)
            if !tokens.contains(token) { tokens.append(token) }
        }
        return tokens
    }

    /// As the table `message` keeps them, so that a purge finds their rows.
    static func encoded(_ tokens: [Int64]) -> [UInt8] {
        tokens.flatMap { token in withUnsafeBytes(of: token.littleEndian) { Array($0) } }
    }

    static func decoded(_ octets: UnsafeRawBufferPointer) -> [Int64] {
        stride(from: 0, to: octets.count - 7, by: 8).map {
            Int64(littleEndian: octets.loadUnaligned(fromByteOffset: $0, as: Int64.self))
        }
    }

    /// 63 bits of SHA-256.
    static func hash(_ identifier: String) -> Int64 {
        SHA256.hash(identifier).withUnsafeBytes { Int64($0.loadUnaligned(as: UInt64.self).bigEndian >> 1) }
    }
}
