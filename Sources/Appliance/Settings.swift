import MailCore
import MailCrypto
import Transport

/// What the whole is built from: a configuration, and what only one of `serve` and `localserve` has.
struct Settings: Sendable {
    /// What happens to mail for elsewhere.
    enum Route: Sendable, Equatable {
        /// As `.eml` files in a folder; nothing leaves the machine.
        case captured(folder: String)
        case relayed(HostPort)
        /// By the MX records of each domain.
        case exchangers
    }

    enum Lookups: Sendable, Equatable {
        /// No query is ever sent.
        case none
        case resolver(HostPort)
        case recursive
    }

    var configuration: Configuration
    var folder: StateFolder
    var route: Route
    var lookups: Lookups
    var tls: TLSContexts.Files?
    /// IMAP and POP3 take logins without TLS. Only on loopback.
    var allowsCleartextLogin = false
    var passwordCost = PasswordHash.Cost.standard
    /// Starts although an older mail.db seems to have been put back.
    var acceptsOlderIndex = false
    /// No brakes on what one client may try.
    var hasLabLimits = false
    /// The system chooses every port.
    var takesAnyPort = false
}
