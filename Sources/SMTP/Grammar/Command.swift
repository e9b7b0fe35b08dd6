import MailCore

/// A command of RFC 5321 §4.1.1 and of the extensions that are served, its argument parsed.
enum Command: Equatable {
    case ehlo(String)
    case helo(String)
    case mail(ReversePath, MailParameters)
    case rcpt(ForwardPath)
    case data
    case rset
    case noop
    case quit
    case vrfy
    case expn
    case help
    case startTLS
    /// RFC 4954 §4; both as they came.
    case auth(mechanism: [UInt8], initialResponse: [UInt8]?)

    /// Parses a line without its CR LF:
    ///
    ///     command = verb [SP argument]        ; RFC 5321 §4.1.1; white space at the end is borne (same place)
    init(_ line: [UInt8]) throws(CommandError) {
        var parser = Parser(line)
        parser.dropTrailingSpace()
        let verb = parser.takeVerb()
        switch verb {
        case "EHLO": self = .ehlo(try parser.clientName())
        case "HELO": self = .helo(try parser.clientName())
        case "MAIL": self = try parser.mail()
        case "RCPT": self = try parser.rcpt()
        case "DATA": self = try parser.end(.data)
        case "RSET": self = try parser.end(.rset)
        case "NOOP": self = .noop
        case "QUIT": self = try parser.end(.quit)
        case "VRFY": self = try parser.some(.vrfy)
        case "EXPN": self = try parser.some(.expn)
        case "HELP": self = .help
        case "STARTTLS": self = try parser.end(.startTLS)
        case "AUTH": self = try parser.auth()
        default: throw .unknownCommand
        }
    }
}

extension Parser {
    /// The name of the client, as it says:
    ///
    ///     ehlo = "EHLO" SP ( Domain / address-literal ) CRLF         ; RFC 5321 §4.1.1.1
    ///
    /// Any printable word is taken, since what clients say is often neither (§4.1.4: not to be refused for that).
    fileprivate mutating func clientName() throws(CommandError) -> String {
        skipSpaces()
        let word = takeWhile { (0x21...0x7e).contains($0) }
        guard (1...255).contains(word.count), isAtEnd else { throw .syntax("A domain or address literal is wanted") }
        return String(decoding: word, as: UTF8.self)
    }

    fileprivate func end(_ command: Command) throws(CommandError) -> Command {
        guard isAtEnd else { throw .noArgument }
        return command
    }

    fileprivate mutating func some(_ command: Command) throws(CommandError) -> Command {
        skipSpaces()
        guard !isAtEnd else { throw .syntax("An argument is wanted") }
        return command
    }

    ///     mail = "MAIL FROM:" Reverse-path [SP Mail-parameters]      ; RFC 5321 §4.1.1.2
    fileprivate mutating func mail() throws(CommandError) -> Command {
        guard takeKeyword("FROM:") else { throw .syntax("MAIL FROM:<address> is wanted") }
        return .mail(try reversePath(), try mailParameters())
    }

    ///     rcpt = "RCPT TO:" Forward-path [SP Rcpt-parameters]        ; RFC 5321 §4.1.1.3
    fileprivate mutating func rcpt() throws(CommandError) -> Command {
        guard takeKeyword("TO:") else { throw .syntax("RCPT TO:<address> is wanted") }
        let path = try forwardPath()
        guard isAtEnd else { throw CommandError(.parameterUnknown) }
        return .rcpt(path)
    }

    ///     auth-command = "AUTH" SP sasl-mech [SP initial-response]   ; RFC 4954 §8
    fileprivate mutating func auth() throws(CommandError) -> Command {
        skipSpaces()
        let mechanism = takeWhile { $0 != UInt8(ascii: " ") }
        guard !mechanism.isEmpty else { throw .syntax("A mechanism is wanted") }
        skipSpaces()
        let response = takeWhile { $0 != UInt8(ascii: " ") }
        guard isAtEnd else { throw .syntax("One initial response is taken") }
        return .auth(mechanism: Array(mechanism), initialResponse: response.isEmpty ? nil : Array(response))
    }
}
