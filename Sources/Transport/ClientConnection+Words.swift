import Glibc
import NIOCore
import NIOSSL

/// For people: it is read in the queue's list and in notices to senders, who know nothing of our libraries.
extension ClientConnection.Failure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notConnected(let why), .tls(let why): why
        case .timedOut: "it was silent for too long"
        case .closed: "it closed the connection"
        }
    }
}

extension ClientConnection {
    static func whyNotConnected(_ error: any Error) -> String {
        if let error = error as? IOError { return String(cString: strerror(error.errnoCode)) }
        if case ChannelError.connectTimeout = error { return "no answer in time" }
        return "\(error)"
    }

    /// - Parameter name: whom the certificate should name.
    static func whyNoTLS(_ error: any Error, _ name: String) -> String {
        if let error = error as? NIOSSLExtraError, error == NIOSSLExtraError.failedToValidateHostname {
            return "its certificate is not for \(name)"
        }
        guard let error = error as? NIOSSLError, error != .uncleanShutdown else { return "the connection ended" }
        guard case .handshakeFailed(let reason) = error else { return "\(error)" }
        // The library's own name for it, without its numbers and the place in its source.
        let words = "\(reason)".split(separator: "OPENSSL_internal:", maxSplits: 1)
        let word = words.count == 2 ? words[1].prefix { $0 == "_" || $0.isUppercase || $0.isNumber } : ""
        switch word {
        case "CERTIFICATE_VERIFY_FAILED": return "its certificate does not prove that it is \(name)"
        case "": return "the connection ended"
        default: return "\(word)"
        }
    }
}
