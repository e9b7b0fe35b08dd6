import MailCore

/// An SPF record (RFC 7208 §4.5, §12), free of syntax errors from its first octet to its last.
struct SPFRecord: Equatable, Sendable {
    struct Directive: Equatable, Sendable {
        /// The result when the mechanism matches.
        var qualifier: SPFResult
        var mechanism: Mechanism
        /// As it stands in the record, for the log.
        var text: String
    }

    enum Mechanism: Equatable, Sendable {
        case all
        case include(SPFMacroString)
        case a(SPFMacroString?, PrefixLengths)
        case mx(SPFMacroString?, PrefixLengths)
        case ptr(SPFMacroString?)
        case ip(IPNetwork)
        case exists(SPFMacroString)
    }

    /// dual-cidr-length.
    struct PrefixLengths: Equatable, Sendable {
        var ipv4 = 32
        var ipv6 = 128
    }

    /// A record beyond this is a permerror; RFC 7208 §3.4 wants it below 512.
    static let octetsMax = 16_384

    var directives: [Directive] = []
    var redirect: SPFMacroString?
    var explanation: SPFMacroString?

    /// RFC 7208 §4.5: "v=spf1" in any case, then a space or the end.
    static func isSPF(_ text: [UInt8]) -> Bool {
        let version = Array("v=spf1".utf8)
        guard text.count >= version.count,
            zip(text, version).allSatisfy({ $0 == $1 || $0 | 0x20 == $1 && $0.isASCIILetter })
        else { return false }
        return text.count == version.count || text[version.count] == UInt8(ascii: " ")
    }

    /// - Parameter text: one for which `isSPF` holds.
    init(_ text: [UInt8]) throws(SPFError) {
        guard text.count <= Self.octetsMax else { throw .permanent("a record of \(text.count) octets") }
        for term in text.dropFirst(6).split(separator: UInt8(ascii: " ")) {
            try read(term)
        }
    }

    private mutating func read(_ term: ArraySlice<UInt8>) throws(SPFError) {
        let nameEnd =
            term.firstIndex { !$0.isASCIILetter && !$0.isASCIIDigit && !"-_.".utf8.contains($0) } ?? term.endIndex
        // modifier = name "=" …, name = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." )
        if let first = term.first, first.isASCIILetter, nameEnd < term.endIndex, term[nameEnd] == UInt8(ascii: "=") {
            try modifier(Self.lower(term[..<nameEnd]), term[(nameEnd + 1)...])
        } else {
            directives.append(try Self.directive(term))
        }
    }

    /// RFC 7208 §6: `redirect` and `exp` at most once each; unknown modifiers are ignored, once their syntax is right.
    private mutating func modifier(_ name: String, _ value: ArraySlice<UInt8>) throws(SPFError) {
        switch name {
        case "redirect":
            guard redirect == nil else { throw .permanent("redirect= twice") }
            redirect = try SPFMacroString(value, as: .domainSpec)
        case "exp":
            guard explanation == nil else { throw .permanent("exp= twice") }
            explanation = try SPFMacroString(value, as: .domainSpec)
        default:
            _ = try SPFMacroString(value, as: .macroString)
        }
    }

    private static func directive(_ term: ArraySlice<UInt8>) throws(SPFError) -> Directive {
        var rest = term
        var qualifier = SPFResult.pass
        switch rest.first {
        case UInt8(ascii: "+"): rest.removeFirst()
        case UInt8(ascii: "-"): (qualifier, rest) = (.fail, rest.dropFirst())
        case UInt8(ascii: "~"): (qualifier, rest) = (.softfail, rest.dropFirst())
        case UInt8(ascii: "?"): (qualifier, rest) = (.neutral, rest.dropFirst())
        default: break
        }
        let nameEnd = rest.firstIndex { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "/") } ?? rest.endIndex
        let mechanism = try mechanism(lower(rest[..<nameEnd]), rest[nameEnd...])
        return Directive(
            qualifier: qualifier, mechanism: mechanism, text: String(decoding: term.prefix(120), as: UTF8.self))
    }

    /// - Parameter tail: what follows the name, with its colon or slash.
    private static func mechanism(_ name: String, _ tail: ArraySlice<UInt8>) throws(SPFError) -> Mechanism {
        switch name {
        case "all" where tail.isEmpty: return .all
        case "include": return .include(try domain(tail))
        case "exists": return .exists(try domain(tail))
        case "ptr": return .ptr(tail.isEmpty ? nil : try domain(tail))
        case "a":
            let (domain, lengths) = try domainAndLengths(tail)
            return .a(domain, lengths)
        case "mx":
            let (domain, lengths) = try domainAndLengths(tail)
            return .mx(domain, lengths)
        case "ip4": return .ip(try network(tail, isIPv4: true))
        case "ip6": return .ip(try network(tail, isIPv4: false))
        default: throw .permanent("unknown mechanism \(SPFMacroString.quoted(Array(name.utf8) + tail))")
        }
    }

    private static func domain(_ tail: ArraySlice<UInt8>) throws(SPFError) -> SPFMacroString {
        guard tail.first == UInt8(ascii: ":") else {
            throw .permanent("\":\" expected at \(SPFMacroString.quoted(tail))")
        }
        return try SPFMacroString(tail.dropFirst(), as: .domainSpec)
    }

    /// `[ ":" domain-spec ] [ ip4-cidr-length ] [ "/" ip6-cidr-length ]`: read from its end, since a domain-spec may
    /// hold slashes but cannot end in one and digits.
    private static func domainAndLengths(
        _ tail: ArraySlice<UInt8>
    ) throws(SPFError) -> (SPFMacroString?, PrefixLengths) {
        var tail = tail
        var lengths = PrefixLengths()
        if let digits = finalDigits(tail), tail[..<digits.startIndex].dropLast().last == UInt8(ascii: "/") {
            lengths.ipv6 = try prefixLength(digits, max: 128)
            tail = tail[..<(digits.startIndex - 2)]
        }
        if let digits = finalDigits(tail) {
            lengths.ipv4 = try prefixLength(digits, max: 32)
            tail = tail[..<(digits.startIndex - 1)]
        }
        return (tail.isEmpty ? nil : try domain(tail), lengths)
    }

    /// The digits behind a final slash.
    private static func finalDigits(_ tail: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard let slash = tail.lastIndex(of: UInt8(ascii: "/")) else { return nil }
        let digits = tail[(slash + 1)...]
        return !digits.isEmpty && digits.allSatisfy(\.isASCIIDigit) ? digits : nil
    }

    /// "0", or digits that begin with another one.
    private static func prefixLength(_ digits: ArraySlice<UInt8>, max: Int) throws(SPFError) -> Int {
        let isPlain = (1...3).contains(digits.count) && (digits.first != UInt8(ascii: "0") || digits.count == 1)
        let value = isPlain ? digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) } : max + 1
        guard value <= max else { throw .permanent("bad prefix length \(SPFMacroString.quoted(digits))") }
        return value
    }

    private static func network(_ tail: ArraySlice<UInt8>, isIPv4: Bool) throws(SPFError) -> IPNetwork {
        guard tail.first == UInt8(ascii: ":") else {
            throw .permanent("\":\" expected at \(SPFMacroString.quoted(tail))")
        }
        var text = tail.dropFirst()
        var length = isIPv4 ? 32 : 128
        if let slash = text.firstIndex(of: UInt8(ascii: "/")) {
            let digits = text[(slash + 1)...]
            guard !digits.isEmpty, digits.allSatisfy(\.isASCIIDigit) else {
                throw .permanent("bad prefix length \(SPFMacroString.quoted(digits))")
            }
            length = try prefixLength(digits, max: length)
            text = text[..<slash]
        }
        guard text.contains(UInt8(ascii: ":")) != isIPv4, var address = IPAddress(String(decoding: text, as: UTF8.self))
        else {
            throw .permanent("bad address \(SPFMacroString.quoted(text))")
        }
        // A mapped address behind ip6: stays IPv6 and matches no client, since such clients count as IPv4.
        if !isIPv4, case .v4(let low) = address { address = .v6(high: 0, low: 0xffff_0000_0000 | UInt64(low)) }
        guard let network = IPNetwork(address, prefixLength: length) else {
            throw .permanent("bad network \(SPFMacroString.quoted(tail))")
        }
        return network
    }

    private static func lower(_ text: ArraySlice<UInt8>) -> String {
        String(decoding: text.map { $0.isASCIILetter ? $0 | 0x20 : $0 }, as: UTF8.self)
    }
}
