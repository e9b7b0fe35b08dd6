import COpenSSL

/// Why a certificate or key cannot be made or read.
public enum CertificateError: Error, Equatable, Sendable {
    /// No certificate in PEM form in the text.
    case malformedCertificate
    /// No private key in PEM form in the text, or one behind a pass phrase.
    case malformedPrivateKey
    /// No public key in the octets.
    case malformedPublicKey
    /// A key of a kind or size that signatures here are not made with; the text says which.
    case unsuitableKey(String)
    /// Neither a host name nor an IP address.
    case badName(String)
    /// libcrypto refused; the text is for the log.
    case library(String)

    /// The last thing that libcrypto complained of; empties its list.
    static func ofLibrary(_ operation: String) -> CertificateError {
        let code = ERR_peek_last_error()
        ERR_clear_error()
        guard code != 0, let reason = ERR_reason_error_string(code) else { return .library(operation) }
        return .library("\(operation): \(String(cString: reason))")
    }
}
