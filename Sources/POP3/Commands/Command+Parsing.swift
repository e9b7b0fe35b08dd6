extension Command {
    /// Parses a line without its CR LF:
    ///
    ///     command      = keyword *(SP argument)            ; RFC 2449 §4; keywords in any case (RFC 1939 §3)
    ///     keyword      = 3*4VCHAR
    ///
    /// USER and PASS take the rest of the line as it is, spaces too (RFC 1939 §7).
    init(_ line: [UInt8]) throws(CommandError) {
        let keywordEnd = line.firstIndex(of: UInt8(ascii: " ")) ?? line.endIndex
        guard (3...4).contains(keywordEnd) else { throw .unknown }
        let rest: ArraySlice<UInt8>? = keywordEnd == line.endIndex ? nil : line[(keywordEnd + 1)...]
        switch String(decoding: line[..<keywordEnd].map { Self.upper($0) }, as: UTF8.self) {
        case "APOP": self = .apop
        case "AUTH": self = .auth(try Self.authentication(rest))
        case "CAPA": self = try Self.alone(.capa, rest)
        case "DELE": self = .dele(try Self.oneNumber(rest))
        case "LANG": self = .lang(try Self.optionalWord(rest))
        case "LIST": self = .list(try Self.optionalNumber(rest))
        case "NOOP": self = try Self.alone(.noop, rest)
        case "PASS": self = .pass(try Self.text(rest))
        case "QUIT": self = try Self.alone(.quit, rest)
        case "RETR": self = .retr(try Self.oneNumber(rest))
        case "RSET": self = try Self.alone(.rset, rest)
        case "STAT": self = try Self.alone(.stat, rest)
        case "STLS": self = try Self.alone(.stls, rest)
        case "TOP":
            let numbers = try Self.numbers(rest, count: 2)
            self = .top(numbers[0], lines: numbers[1])
        case "UIDL": self = .uidl(try Self.optionalNumber(rest))
        case "USER": self = .user(try Self.text(rest))
        case "UTF8": self = try Self.alone(.utf8, rest)
        default: throw .unknown
        }
    }

    private static func upper(_ octet: UInt8) -> UInt8 {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(octet) ? octet & ~0x20 : octet
    }

    /// Clients leave spaces behind commands: these are no arguments.
    private static func arguments(_ rest: ArraySlice<UInt8>?) -> [ArraySlice<UInt8>] {
        rest?.split(separator: UInt8(ascii: " "), maxSplits: 4) ?? []
    }

    private static func alone(_ command: Command, _ rest: ArraySlice<UInt8>?) throws(CommandError) -> Command {
        guard arguments(rest).isEmpty else { throw .badArguments }
        return command
    }

    private static func text(_ rest: ArraySlice<UInt8>?) throws(CommandError) -> [UInt8] {
        guard let rest, !rest.isEmpty else { throw .badArguments }
        return Array(rest)
    }

    private static func optionalWord(_ rest: ArraySlice<UInt8>?) throws(CommandError) -> [UInt8]? {
        let arguments = arguments(rest)
        guard arguments.count <= 1 else { throw .badArguments }
        return arguments.first.map { Array($0) }
    }

    private static func optionalNumber(_ rest: ArraySlice<UInt8>?) throws(CommandError) -> Int? {
        arguments(rest).isEmpty ? nil : try oneNumber(rest)
    }

    private static func oneNumber(_ rest: ArraySlice<UInt8>?) throws(CommandError) -> Int {
        try numbers(rest, count: 1)[0]
    }

    private static func numbers(_ rest: ArraySlice<UInt8>?, count: Int) throws(CommandError) -> [Int] {
        let arguments = arguments(rest)
        guard arguments.count == count else { throw .badArguments }
        var numbers: [Int] = []
        for argument in arguments {
            guard let number = number(argument) else { throw .badArguments }
            numbers.append(number)
        }
        return numbers
    }

    /// 1 to 10 decimal digits.
    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard (1...10).contains(digits.count) else { return nil }
        var number = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            number = number * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return number
    }

    ///     auth-command = "AUTH" SP sasl-mech [SP initial-response]      ; RFC 5034 §8
    private static func authentication(_ rest: ArraySlice<UInt8>?) throws(CommandError) -> Authentication? {
        let arguments = arguments(rest)
        guard let mechanism = arguments.first else { return nil }
        guard arguments.count <= 2 else { throw .badArguments }
        return Authentication(
            mechanism: Array(mechanism), initialResponse: arguments.count == 2 ? Array(arguments[1]) : nil)
    }
}
