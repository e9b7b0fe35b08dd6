/// HMAC with SHA-256 (RFC 2104) under one key.
///
/// Making it hashes the key; each message then costs no more than its octets.
public struct HMACSHA256: Sendable {
    private let inner: SHA256
    private let outer: SHA256

    public init(key: [UInt8]) {
        // RFC 2104 §2: a key longer than a block is hashed first.
        var block = key.count > Self.blockOctets ? SHA256.hash(key).octets : key
        block.append(contentsOf: repeatElement(0, count: Self.blockOctets - block.count))
        var inner = SHA256()
        inner.update(block.map { $0 ^ 0x36 })
        var outer = SHA256()
        outer.update(block.map { $0 ^ 0x5c })
        self.inner = inner
        self.outer = outer
    }

    public func authenticate(_ message: UnsafeRawBufferPointer) -> SHA256.Digest {
        var inner = inner
        inner.update(message)
        var outer = outer
        inner.digest().withUnsafeBytes { outer.update($0) }
        return outer.digest()
    }

    public func authenticate(_ message: [UInt8]) -> SHA256.Digest { message.withUnsafeBytes { authenticate($0) } }

    private static let blockOctets = 64
}
