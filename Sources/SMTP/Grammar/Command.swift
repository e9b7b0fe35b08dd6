import MailCore

/// A command of RFC 5321 §4.1.1 and of the extensions that are served, its argument parsed.
enum Command: Equatable {
    case ehlo(String)
    case helo(String)
    /// RFC 2033 §4.1.
    case lhlo(String)
    case mail(ReversePath, MailParameters)
    /// `isASCII`: the path has no octet above 127 as it was written.
    case rcpt(Recipient, isASCII: Bool)
    case data
    /// RFC 3030 §2; so many octets follow. A number above `Int.max` is `Int.max`.
    case bdat(octets: Int, isLast: Bool)
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
        case "LHLO": self = .lhlo(try parser.clientName())
        case "MAIL": self = try parser.mail()
        case "RCPT": self = try parser.rcpt()
        case "DATA": self = try parser.end(.data)
        case "BDAT": self = try parser.bdat()
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
        let path = try reversePath()
        let parameters = try mailParameters()
        // RFC 6531 §3.5.
        guard isASCII || parameters.isInternationalized else { throw CommandError(.addressNotASCII) }
        return .mail(path, parameters)
    }

    ///     rcpt = "RCPT TO:" Forward-path [SP Rcpt-parameters]        ; RFC 5321 §4.1.1.3
    fileprivate mutating func rcpt() throws(CommandError) -> Command {
        guard takeKeyword("TO:") else { throw .syntax("RCPT TO:<address> is wanted") }
        let path = try forwardPath()
        return .rcpt(Recipient(path, notification: try recipientParameters()), isASCII: isASCII)
    }

    ///     bdat-cmd   = "BDAT" SP chunk-size [ SP end-marker ] CRLF   ; RFC 3030 §2
    ///     chunk-size = 1*DIGIT
    ///     end-marker = "LAST"
    ///
    /// Behind a line that is none of this octets follow, and how many is not known: the connection must end.
    fileprivate mutating func bdat() throws(CommandError) -> Command {
        skipSpaces()
        let digits = takeWhile(Self.isDigit)
        guard (1...20).contains(digits.count) else { throw .badChunk }
        let octets = Int(String(decoding: digits, as: UTF8.self)) ?? Int.max
        if isAtEnd { return .bdat(octets: octets, isLast: false) }
        guard take(" ") else { throw .badChunk }
        skipSpaces()
        guard takeWord("LAST"), isAtEnd else { throw .badChunk }
        return .bdat(octets: octets, isLast: true)
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
