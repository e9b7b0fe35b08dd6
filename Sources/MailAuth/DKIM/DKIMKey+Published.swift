public import DNS
import MailCrypto

/// What the DNS has under the name of a key.
public enum PublishedKey: Equatable, Sendable {
    /// The key's own public half.
    case right
    case missing
    /// A record that is no key, or another's.
    case wrong
    /// It cannot be told now; the text is for the log.
    case unknown(String)
}

extension DKIMKey {
    /// Asks whether a verifier will find this key.
    public func published(_ resolver: any Resolver) async -> PublishedKey {
        switch await resolver.texts(of: recordName) {
        case .noData, .nameError: return .missing
        case .temporaryFailure(let why): return .unknown(why)
        case .found(let texts, _):
            guard let own = try? key.publicOctets() else { return .unknown("the key cannot be read") }
            // RFC 6376 §3.6.2.2: of several records a verifier may take any.
            let isRight = texts.allSatisfy { text in
                guard let tags = try? TagList(text), tags["k"] ?? "rsa" == key.kind.rawValue else { return false }
                return tags.tag("p")?.base64 == own
            }
            return isRight ? .right : .wrong
        }
    }
}
