import MailCrypto
public import NIOSSL
import Synchronization

/// The certificate and key that new connections get. Replaced while serving; old connections keep theirs.
public final class TLSContexts: Sendable {
    /// Why a certificate or key cannot be used, for the operator.
    public struct Failure: Error, Sendable {
        public var diagnostic: String
    }

    public struct Files: Sendable, Equatable {
        /// PEM: the leaf first, then its issuers.
        public var certificates: String
        public var key: String

        public init(certificates: String, key: String) {
            self.certificates = certificates
            self.key = key
        }
    }

    /// One certificate's.
    public struct Current: Sendable {
        public var context: NIOSSLContext
        /// "tls-server-end-point" (RFC 5929 §4) of those who were shown it.
        public var endPoint: [UInt8]?
    }

    public let files: Files
    private let held: Mutex<Current>

    /// - Throws: when a file cannot be read or the key is not the certificate's.
    public init(files: Files) throws(Failure) {
        self.files = files
        held = Mutex(try Self.load(files))
    }

    public var current: Current { held.withLock { $0 } }

    /// Reads the files again. On failure the old certificate goes on serving.
    public func reload() throws(Failure) {
        let fresh = try Self.load(files)
        held.withLock { $0 = fresh }
    }

    private static func load(_ files: Files) throws(Failure) -> Current {
        do {
            let chain = try NIOSSLCertificate.fromPEMFile(files.certificates)
            guard !chain.isEmpty else { throw Failure(diagnostic: "\(files.certificates) holds no certificate") }
            let key = try NIOSSLPrivateKey(file: files.key, format: .pem)
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
            // RFC 8996: nothing below 1.2.
            configuration.minimumTLSVersion = .tlsv12
            return Current(
                context: try NIOSSLContext(configuration: configuration),
                endPoint: try? Certificate.serverEndPoint(der: chain[0].toDERBytes()))
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(
                diagnostic: "certificate \(files.certificates) with key \(files.key) cannot be used: \(error)")
        }
    }
}
