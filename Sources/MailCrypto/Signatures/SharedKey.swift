import COpenSSL

/// A key of libcrypto's with several owners, freed (and overwritten) with the last.
///
/// `@unchecked Sendable`: nothing changes the key once it is made, and libcrypto guards what it caches in it.
final class SharedKey: @unchecked Sendable {
    let pointer: OpaquePointer
    let kind: KeyKind
    /// Of RSA's modulus; 256 for Ed25519.
    let bits: Int

    /// Takes over `pointer`, also when it throws.
    ///
    /// - Throws: `unsuitableKey` for another kind, and for a modulus or exponent that would cost us too much.
    init(owning pointer: OpaquePointer, rsaBits: ClosedRange<Int>) throws(CertificateError) {
        do throws(CertificateError) {
            (kind, bits) = try Self.examine(pointer, rsaBits: rsaBits)
        } catch {
            EVP_PKEY_free(pointer)
            throw error
        }
        self.pointer = pointer
    }

    deinit { EVP_PKEY_free(pointer) }

    private static func examine(
        _ pointer: OpaquePointer, rsaBits: ClosedRange<Int>
    ) throws(CertificateError) -> (KeyKind, Int) {
        switch EVP_PKEY_get_base_id(pointer) {
        case EVP_PKEY_RSA:
            let bits = Int(EVP_PKEY_get_bits(pointer))
            guard rsaBits.contains(bits) else { throw .unsuitableKey("\(bits)-bit RSA") }
            guard hasSmallExponent(pointer) else { throw .unsuitableKey("RSA with a huge exponent") }
            return (.rsa, bits)
        case EVP_PKEY_ED25519: return (.ed25519, 256)
        default: throw .unsuitableKey("neither RSA nor Ed25519")
        }
    }

    /// An exponent as long as the modulus makes checking a signature cost what making one does. All in use have 17 bits.
    private static func hasSmallExponent(_ pointer: OpaquePointer) -> Bool {
        var exponent: OpaquePointer?
        guard EVP_PKEY_get_bn_param(pointer, OSSL_PKEY_PARAM_RSA_E, &exponent) == 1 else {
            ERR_clear_error()
            return false
        }
        defer { BN_free(exponent) }
        return BN_num_bits(exponent) <= 64
    }
}
