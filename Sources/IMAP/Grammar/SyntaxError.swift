/// Why a command was not understood, or was understood and cannot be taken.
public enum SyntaxError: Error, Equatable, Sendable {
    /// The named rule of RFC 3501 §9 does not match at this octet of the command.
    case expected(String, at: Int)
    /// The grammar sets no bound there; we do.
    case limitExceeded(String, max: Int)
    /// RFC 3501 §6.4.4: SEARCH in a charset that we cannot read.
    case badCharset
    /// An extension that the client must ENABLE first.
    case notEnabled(String)
    /// RFC 4469 §4: a URL that names no message here.
    case badURL(String)
    /// RFC 9586 §3.1: a sequence number of a client that has none.
    case numbersUnknown
    /// RFC 3501 §5.1.3: a mailbox name that no mailbox can have, and why.
    case mailboxName(String)

    /// What the client is told behind the tag.
    var completion: Completion {
        switch self {
        case .expected(let rule, let position): .bad("Expected \(rule) at octet \(position)")
        case .limitExceeded(let rule, let max): .bad("More than \(max) in \(rule)")
        case .notEnabled(let name): .bad("ENABLE \(name) comes first")
        case .badURL(let url): .no(.badURL(url), "This names no message here")
        case .numbersUnknown: Completion(.bad, .uidRequired, "Messages are named by UID only")
        case .badCharset: .no(.badCharset(SearchCharset.names), "This charset is not known here")
        case .mailboxName(let reason): .no(.cannot, reason)
        }
    }

    /// Whether the client does not speak IMAP, as against asking for what cannot be.
    var countsAsBad: Bool {
        switch self {
        case .expected, .limitExceeded, .notEnabled, .numbersUnknown: true
        case .badCharset, .mailboxName, .badURL: false
        }
    }
}
