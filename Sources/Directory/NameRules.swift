public import MailCore

/// Which names may be made here. Looking up is more liberal: anything may be asked for.
public enum NameRules {
    /// RFC 5321 §4.5.3.1.1.
    static let localPartOctetsMax = 64
    /// RFC 5321 §4.5.3.1.2 gives 255 octets, the DNS 253 for a name written out.
    static let domainOctetsMax = 253

    /// A hosted domain, in lower case.
    public static func domain(_ text: String) throws(DirectoryError) -> String {
        let name = text.hasSuffix(".") ? String(text.dropLast()) : text
        guard name.utf8.allSatisfy({ $0 < 0x80 }) else {
            throw .invalid(text, reason: "must be given as in the DNS (its A-label, \"xn--…\")")
        }
        guard name.utf8.count <= domainOctetsMax else {
            throw .invalid(String(text.prefix(80)), reason: "has more than \(domainOctetsMax) octets")
        }
        guard EmailAddress.isDomain(name), !name.utf8.contains(UInt8(ascii: "_")) else {
            throw .invalid(text, reason: "is no domain name")
        }
        return name.lowercased()
    }

    /// The address of an account, in lower case: `dot-string "@" domain` (RFC 5321 §4.1.2), without "+", which parts a
    /// tag from the name.
    public static func account(_ text: String) throws(DirectoryError) -> EmailAddress {
        let address = try mailbox(text)
        guard !address.localPart.utf8.contains(UInt8(ascii: "+")) else {
            throw .invalid(text, reason: "has a \"+\": that parts the name from a tag, give the name alone")
        }
        return address
    }

    /// The address of an alias, in lower case; "@domain" for the catch-all.
    public static func alias(_ text: String) throws(DirectoryError) -> EmailAddress {
        if text.hasPrefix("@") { return EmailAddress(localPart: "", domain: try domain(String(text.dropFirst()))) }
        return try account(text)
    }

    /// A target, here or elsewhere. Its local part keeps its case: elsewhere it may matter (RFC 5321 §2.4).
    public static func target(_ text: String) throws(DirectoryError) -> EmailAddress {
        guard let address = EmailAddress(text) else {
            throw .invalid(String(text.prefix(80)), reason: "is no address of the form name@domain")
        }
        return address
    }

    /// Whom an account may send as, here or elsewhere, in lower case; "@domain" for all of a domain.
    public static func sender(_ text: String) throws(DirectoryError) -> EmailAddress {
        if text.hasPrefix("@") { return EmailAddress(localPart: "", domain: try domain(String(text.dropFirst()))) }
        return Registry.lowered(try target(text))
    }

    /// What people are told of a closed mailbox: one line, at most 200 octets.
    public static func reason(_ text: String) throws(DirectoryError) -> String {
        guard (1...200).contains(text.utf8.count), text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else {
            throw .invalid(String(text.prefix(80)), reason: "cannot be a reason: one line of 1 to 200 octets")
        }
        return text
    }

    /// - Throws: `invalid` for what crypt(3) cannot take.
    static func checkPassword(_ password: String, octetsMax: Int) throws(DirectoryError) {
        guard !password.isEmpty else { throw .invalid("", reason: "cannot be a password: it is empty") }
        guard password.utf8.count <= octetsMax, !password.utf8.contains(0) else {
            throw .invalid("…", reason: "cannot be a password: at most \(octetsMax) octets, none of them 0")
        }
    }

    private static func mailbox(_ text: String) throws(DirectoryError) -> EmailAddress {
        guard let at = text.lastIndex(of: "@") else {
            throw .invalid(String(text.prefix(80)), reason: "is no address of the form name@domain")
        }
        let localPart = text[..<at]
        guard localPart.utf8.count <= localPartOctetsMax else {
            throw .invalid(
                "\(localPart.prefix(20))…", reason: "has more than \(localPartOctetsMax) octets before the @")
        }
        let atoms = localPart.split(separator: ".", omittingEmptySubsequences: false)
        guard atoms.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(EmailAddress.isAtomOctet) }) else {
            throw .invalid(text, reason: "is no address of the form name@domain that needs no quotes")
        }
        return EmailAddress(
            localPart: localPart.lowercased(), domain: try domain(String(text[text.index(after: at)...])))
    }
}
