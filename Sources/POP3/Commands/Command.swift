/// A command with its arguments (RFC 1939 §9, RFC 2449 §5, RFC 2595 §4, RFC 5034 §4, RFC 6856).
enum Command: Equatable, Sendable {
    case apop
    /// Without a mechanism it asks which there are: older than RFC 5034, and still used.
    case auth(Authentication?)
    case capa
    case dele(Int)
    /// A language tag or "*"; nil asks which there are (RFC 6856 §3).
    case lang([UInt8]?)
    case list(Int?)
    case noop
    case pass([UInt8])
    case quit
    case retr(Int)
    case rset
    case stat
    case stls
    case top(Int, lines: Int)
    case uidl(Int?)
    case user([UInt8])
    /// RFC 6856 §2.
    case utf8

    struct Authentication: Equatable, Sendable {
        var mechanism: [UInt8]
        /// As it came: base64 or "=".
        var initialResponse: [UInt8]?
    }
}

/// Why a line is no command. Each counts as a bad command.
enum CommandError: Error, Equatable, Sendable {
    case unknown
    case badArguments
    /// Known, but not in this state.
    case misplaced
    case loginNeedsTLS

    var reply: Reply {
        switch self {
        case .unknown: .error("Unknown command")
        case .badArguments: .error("Arguments missing, superfluous or malformed")
        case .misplaced: .error("Not now")
        // Not [AUTH]: that would make clients ask for another password.
        case .loginNeedsTLS: .error("Log in over TLS only")
        }
    }
}
