import COpenSSL

/// The two numbers of an RSA key, read from DER by ourselves: libcrypto's readers take ten times as long as checking a
/// signature does.
struct RSAPublicKey: Equatable {
    /// Without leading zeros, the highest octet first.
    var modulus: [UInt8]
    var exponent: [UInt8]

    /// The object identifier of rsaEncryption (RFC 8017 A.1).
    private static let rsaEncryption: [UInt8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1]

    /// Takes SubjectPublicKeyInfo (RFC 5280 §4.1.2.7) or RSAPublicKey:
    ///
    ///     SubjectPublicKeyInfo ::= SEQUENCE { SEQUENCE { OBJECT IDENTIFIER, NULL }, BIT STRING { RSAPublicKey } }
    ///     RSAPublicKey         ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER }    ; RFC 8017 A.1.1
    init(der: [UInt8]) throws(CertificateError) {
        var reader = DERReader(der[...])
        var sequence = try reader.element(.sequence)
        guard reader.isAtEnd else { throw .malformedPublicKey }
        if sequence.isNext(.sequence) {
            var algorithm = try sequence.element(.sequence)
            guard try algorithm.element(.objectIdentifier).octets.elementsEqual(Self.rsaEncryption) else {
                throw .unsuitableKey("no RSA key")
            }
            var bits = try sequence.element(.bitString)
            // All octets are whole.
            guard sequence.isAtEnd, bits.octets.popFirst() == 0 else { throw .malformedPublicKey }
            sequence = try bits.element(.sequence)
            guard bits.isAtEnd else { throw .malformedPublicKey }
        }
        modulus = try sequence.positiveInteger()
        exponent = try sequence.positiveInteger()
        guard sequence.isAtEnd else { throw .malformedPublicKey }
    }

    var bits: Int { modulus.count * 8 - (modulus.first?.leadingZeroBitCount ?? 0) }

    /// As libcrypto holds it; the caller's to free.
    func pointer() throws(CertificateError) -> OpaquePointer {
        var modulus = [UInt8](modulus.reversed())
        var exponent = [UInt8](exponent.reversed())
        guard let key = postino_rsa_public_key(&modulus, modulus.count, &exponent, exponent.count) else {
            throw .malformedPublicKey
        }
        return key
    }
}

/// Elements of DER (X.690 §10), one behind the other.
private struct DERReader {
    enum Tag: UInt8 {
        case integer = 0x02
        case bitString = 0x03
        case objectIdentifier = 0x06
        case sequence = 0x30
    }

    var octets: ArraySlice<UInt8>

    init(_ octets: ArraySlice<UInt8>) { self.octets = octets }

    var isAtEnd: Bool { octets.isEmpty }

    func isNext(_ tag: Tag) -> Bool { octets.first == tag.rawValue }

    /// What is in the next element, which must be of this kind and shorter than 64 KiB.
    mutating func element(_ tag: Tag) throws(CertificateError) -> DERReader {
        guard octets.popFirst() == tag.rawValue, let first = octets.popFirst() else { throw .malformedPublicKey }
        var length = Int(first)
        if first >= 0x80 {
            let digits = octets.prefix(Int(first & 0x7f))
            guard (1...2).contains(digits.count), first != 0x80 else { throw .malformedPublicKey }
            octets = octets.dropFirst(digits.count)
            length = digits.reduce(0) { $0 << 8 | Int($1) }
        }
        guard length <= octets.count else { throw .malformedPublicKey }
        defer { octets = octets.dropFirst(length) }
        return DERReader(octets.prefix(length))
    }

    /// Without leading zeros; at least one octet.
    mutating func positiveInteger() throws(CertificateError) -> [UInt8] {
        let value = try element(.integer).octets
        guard let first = value.first, first < 0x80 else { throw .malformedPublicKey }
        let digits = value.drop { $0 == 0 }
        guard !digits.isEmpty else { throw .malformedPublicKey }
        return Array(digits)
    }
}
