import COpenSSL

/// SHA-256 (FIPS 180-4) of octets that come in pieces. A copy goes its own way from where it was made.
public struct SHA256: Sendable {
    private var context = Context()

    public init() {}

    /// libcrypto's name for it.
    static var algorithm: OpaquePointer? { Context.algorithm }

    /// The digest of one piece.
    public static func hash(_ octets: UnsafeRawBufferPointer) -> Digest {
        var digest = Digest()
        let done = withUnsafeMutableBytes(of: &digest.words) { output in
            EVP_Digest(
                octets.baseAddress, octets.count, output.baseAddress?.assumingMemoryBound(to: UInt8.self), nil,
                Context.algorithm, nil)
        }
        precondition(done == 1, "libcrypto computes no SHA-256")
        return digest
    }

    /// The digest of one piece.
    public static func hash(_ octets: [UInt8]) -> Digest { octets.withUnsafeBytes { hash($0) } }

    /// The digest of a text's UTF-8.
    public static func hash(_ text: String) -> Digest {
        var text = text
        return text.withUTF8 { hash(UnsafeRawBufferPointer($0)) }
    }

    public mutating func update(_ octets: UnsafeRawBufferPointer) {
        if !isKnownUniquelyReferenced(&context) { context = Context(copying: context) }
        context.update(octets)
    }

    public mutating func update(_ octets: [UInt8]) { octets.withUnsafeBytes { update($0) } }

    /// The digest of what has come so far; more may follow.
    public func digest() -> Digest { Context(copying: context).finish() }
}

/// libcrypto's state of one computation.
///
/// `@unchecked Sendable`: `SHA256` writes to a context only while it is the one owner of it; else it makes a copy.
private final class Context: @unchecked Sendable {
    /// Fetched once: an implicit fetch at each use costs more than hashing a short text. Never changed afterwards.
    nonisolated(unsafe) static let algorithm = EVP_MD_fetch(nil, "SHA256", nil)

    private let pointer: OpaquePointer

    init() {
        pointer = Self.allocate()
        precondition(EVP_DigestInit_ex(pointer, Self.algorithm, nil) == 1, "libcrypto computes no SHA-256")
    }

    init(copying other: Context) {
        pointer = Self.allocate()
        precondition(EVP_MD_CTX_copy_ex(pointer, other.pointer) == 1, "libcrypto has no memory")
    }

    deinit { EVP_MD_CTX_free(pointer) }

    func update(_ octets: UnsafeRawBufferPointer) {
        precondition(EVP_DigestUpdate(pointer, octets.baseAddress, octets.count) == 1, "libcrypto computes no SHA-256")
    }

    /// Ends this context's use.
    func finish() -> SHA256.Digest {
        var digest = SHA256.Digest()
        let done = withUnsafeMutableBytes(of: &digest.words) { output in
            EVP_DigestFinal_ex(pointer, output.baseAddress?.assumingMemoryBound(to: UInt8.self), nil)
        }
        precondition(done == 1, "libcrypto computes no SHA-256")
        return digest
    }

    private static func allocate() -> OpaquePointer {
        guard let pointer = EVP_MD_CTX_new() else { preconditionFailure("libcrypto has no memory") }
        return pointer
    }
}
