public import SMTP

/// What refusals have in common, so that a hundred of them are one thing to do.
public enum BounceReason: String, CaseIterable, Sendable {
    case noMailbox = "no-mailbox"
    case noDomain = "no-domain"
    case mailboxClosed = "mailbox-closed"
    case mailboxFull = "mailbox-full"
    case tooLarge = "too-large"
    case unreachable = "unreachable"
    case greylisted = "greylisted"
    case tooFast = "too-fast"
    case blockListed = "block-listed"
    case authentication = "authentication"
    case content = "content"
    case policy = "policy"
    case security = "security"
    case ourSetup = "our-setup"
    case other

    /// By the enhanced status code (RFC 3463), and by the words that servers use, since many say 5.7.1 to everything.
    public init(_ reply: Reply) {
        self.init(text: reply.description, code: reply.enhancedCode.map { String($0.dropFirst(2)) } ?? "")
    }

    /// - Parameter text: a reply as the queue keeps it, with its codes.
    public init(kept text: String) {
        let word = text.split(separator: " ").dropFirst().first ?? ""
        let isCode = word.count >= 5 && "245".contains(word.first ?? "x") && word.dropFirst().first == "."
        self.init(text: text, code: isCode ? String(word.dropFirst(2)) : "")
    }

    private init(text: String, code: String) {
        let text = text.lowercased()
        func has(_ words: String...) -> Bool { words.contains { text.contains($0) } }
        switch code {
        case "1.1", "1.3", "1.6", "2.0": self = .noMailbox
        case "1.2", "1.10", "4.4": self = .noDomain
        case "2.1": self = .mailboxClosed
        case "2.2": self = .mailboxFull
        case "3.4", "2.3": self = .tooLarge
        case "4.1", "4.2", "4.3", "4.7": self = .unreachable
        case "3.5": self = .ourSetup
        case "7.10", "7.11", "7.30": self = .security
        case "7.5": self = .security
        case "7.20", "7.21", "7.22", "7.23", "7.24", "7.25", "7.26", "7.27", "7.29": self = .authentication
        case "7.28": self = .tooFast
        default:
            if has("greylist", "graylist", "grey list") {
                self = .greylisted
            } else if has("spamhaus", "block list", "blocklist", "blacklist", "dnsbl", "rbl", "reputation") {
                self = .blockListed
            } else if has("spf", "dkim", "dmarc", "unauthenticated", "reverse dns", "ptr record") {
                self = .authentication
            } else if has("too many", "rate limit", "throttl", "try again later", "too fast") {
                self = .tooFast
            } else if has("spam", "virus", "malware", "content") {
                self = .content
            } else if has("user unknown", "no such user", "unknown user", "does not exist", "no mailbox") {
                self = .noMailbox
            } else {
                self = code.hasPrefix("7.") ? .policy : .other
            }
        }
    }

    /// For the operator: what can be done here.
    public var advice: String {
        switch self {
        case .noMailbox: "Take the addresses off your lists; they are on the suppression list for bulk mail."
        case .noDomain: "Look for typing errors in the domains."
        case .mailboxClosed: "Take the addresses off your lists."
        case .mailboxFull: "Nothing; only their owners can make room."
        case .tooLarge: "Send links in place of large files."
        case .unreachable: "See whether this server reaches others: postino queue list, and its firewall for port 25."
        case .greylisted: "Nothing: it goes through at a later try."
        case .tooFast: "Set per_minute= for these domains in outbound.routes."
        case .blockListed: "See which list it is, why this server is on it, and ask to be taken off."
        case .authentication: "Check SPF, reverse DNS, DMARC, and the keys with: postino dkim verify"
        case .content: "Read what was sent: an account may be misused, or a newsletter looks like spam."
        case .policy: "Read their words; ask their postmaster if they do not say why."
        case .security: "TLS with them fails: if theirs is right, see the clock and authorities of this server."
        case .ourSetup: "Mend the relay's set-up in outbound.relay or outbound.routes."
        case .other: "Read their words."
        }
    }

    /// How long bulk mail is not sent to an address that was refused so; nil: the address is not to blame.
    var suppressedSeconds: Int64? {
        switch self {
        case .noMailbox, .mailboxClosed: 30 * 86_400
        default: nil
        }
    }
}
