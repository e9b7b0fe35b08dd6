import Glibc
import MailCore

/// RFC 5321 §4.1.2:
///
///     Reverse-path   = Path / "<>"
///     Forward-path   = Path / "<" "Postmaster" ">"
///     Path           = "<" [ A-d-l ":" ] Mailbox ">"
///     A-d-l          = At-domain *( "," At-domain )              ; MUST be accepted, SHOULD be ignored
///     At-domain      = "@" Domain
///     Mailbox        = Local-part "@" ( Domain / address-literal )
///     Local-part     = Dot-string / Quoted-string
///
/// The RFC wants local parts of 64 octets taken and no bound where it can be; we take 256, since addresses that carry
/// another in them (VERP, SRS) are longer than 64. Octets above 127 must be UTF-8 (RFC 6531 §3.3); a domain with such is
/// taken as its A-labels, by which it is looked up and compared.
extension Parser {
    static let localPartOctetsMax = 256
    static let domainOctetsMax = 255

    mutating func reversePath() throws(CommandError) -> ReversePath {
        guard take("<") else { throw .badPath("An address in angle brackets is wanted") }
        if take(">") { return .null }
        return .address(try restOfPath())
    }

    mutating func forwardPath() throws(CommandError) -> ForwardPath {
        guard take("<") else { throw .badPath("An address in angle brackets is wanted") }
        if takeWord("POSTMASTER>") { return .postmaster }
        return .address(try restOfPath())
    }

    private mutating func restOfPath() throws(CommandError) -> EmailAddress {
        if rest.first == UInt8(ascii: "@") { try skipSourceRoute() }
        let address = try mailbox()
        guard take(">") else { throw .badPath("The address does not end with >") }
        return address
    }

    private mutating func skipSourceRoute() throws(CommandError) {
        repeat {
            guard take("@") else { throw .badPath("Bad source route") }
            _ = try domain()
        } while take(",")
        guard take(":") else { throw .badPath("Bad source route") }
    }

    mutating func mailbox() throws(CommandError) -> EmailAddress {
        let local = rest.first == UInt8(ascii: "\"") ? try quotedString() : try dotString()
        guard local.count <= Self.localPartOctetsMax else { throw .badPath("The local part is too long") }
        guard let localPart = String(validating: local, as: UTF8.self) else { throw .badPath("Not UTF-8") }
        if local.contains(where: { $0 >= 0x80 }) { isASCII = false }
        guard take("@") else { throw .badPath("An @ and a domain are wanted") }
        let domain = rest.first == UInt8(ascii: "[") ? try addressLiteral() : try domain()
        return EmailAddress(localPart: localPart, domain: domain)
    }

    ///     Dot-string     = Atom *("."  Atom)
    private mutating func dotString() throws(CommandError) -> [UInt8] {
        let text = takeWhile { EmailAddress.isAtomOctet($0) || $0 == UInt8(ascii: ".") }
        let dot = UInt8(ascii: ".")
        guard let first = text.first, let last = text.last, first != dot, last != dot,
            !zip(text, text.dropFirst()).contains(where: { $0 == dot && $1 == dot })
        else { throw .badPath("Bad local part") }
        return Array(text)
    }

    ///     Quoted-string  = DQUOTE *QcontentSMTP DQUOTE
    ///     qtextSMTP      = %d32-33 / %d35-91 / %d93-126
    ///     quoted-pairSMTP = %d92 %d32-126
    private mutating func quotedString() throws(CommandError) -> [UInt8] {
        var text: [UInt8] = []
        rest.removeFirst()
        while let octet = rest.popFirst() {
            switch octet {
            case UInt8(ascii: "\""): return text
            case UInt8(ascii: "\\"):
                guard let quoted = rest.popFirst(), (0x20...0x7e).contains(quoted) else {
                    throw .badPath("Bad quoted local part")
                }
                text.append(quoted)
            case 0x20...0x7e, 0x80...: text.append(octet)
            default: throw .badPath("Bad quoted local part")
            }
        }
        throw .badPath("Bad quoted local part")
    }

    ///     Domain         = sub-domain *("." sub-domain)
    private mutating func domain() throws(CommandError) -> String {
        let text = takeWhile { EmailAddress.isAtomOctet($0) || $0 == UInt8(ascii: ".") }
        if text.contains(where: { $0 >= 0x80 }) { isASCII = false }
        guard let name = String(validating: text, as: UTF8.self), let domain = EmailAddress.asciiDomain(name) else {
            throw .badPath("Bad domain")
        }
        return domain
    }

    ///     address-literal = "[" ( IPv4-address-literal / IPv6-address-literal ) "]"     ; RFC 5321 §4.1.3
    ///     IPv6-address-literal = "IPv6:" IPv6-addr
    ///
    /// No other tag is registered, so no General-address-literal is taken.
    private mutating func addressLiteral() throws(CommandError) -> String {
        let text = takeWhile { $0 != UInt8(ascii: "]") && (0x21...0x7e).contains($0) }
        guard take("]"), let literal = AddressLiteral(String(decoding: text.dropFirst(), as: UTF8.self)) else {
            throw .badPath("Bad address literal")
        }
        return literal.description
    }
}

extension CommandError {
    static func badPath(_ text: String) -> CommandError { CommandError(Reply(501, "5.1.0", text)) }
}

/// What stands between the brackets (RFC 5321 §4.1.3).
struct AddressLiteral: Equatable, CustomStringConvertible {
    /// With its brackets, "IPv6:" spelled so.
    let description: String

    init?(_ text: String) {
        let tag = "IPV6:"
        if text.utf8.count > tag.utf8.count, text.prefix(5).uppercased() == tag {
            let address = String(text.dropFirst(5))
            var octets = in6_addr()
            guard inet_pton(AF_INET6, address, &octets) == 1 else { return nil }
            description = "[IPv6:\(address)]"
        } else {
            var octets = in_addr()
            guard inet_pton(AF_INET, text, &octets) == 1 else { return nil }
            description = "[\(text)]"
        }
    }
}
