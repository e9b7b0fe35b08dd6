/// A private key with the certificate that goes with it, both as PEM text. Written to files by whoever keeps them (the
/// key readable by its owner only); its description shows neither.
public struct CertifiedKey: Equatable, Sendable, CustomStringConvertible, CustomReflectable {
    public var certificatePEM: String
    /// PKCS #8, without a pass phrase.
    public var privateKeyPEM: String

    public init(certificatePEM: String, privateKeyPEM: String) {
        self.certificatePEM = certificatePEM
        self.privateKeyPEM = privateKeyPEM
    }

    public var description: String { "CertifiedKey" }

    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
