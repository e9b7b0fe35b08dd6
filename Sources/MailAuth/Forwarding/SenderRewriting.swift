public import MailCore
import MailCrypto

/// The Sender Rewriting Scheme: gives a forwarded message a reverse-path of our own domain, so that SPF passes at the next
/// server, and leads bounces back to who sent it.
///
///     SRS0=HASH=TT=domain=local@us             of a sender who was not rewritten before
///     SRS1=HASH=domain==HASH=TT=…@us           of one whom `domain` rewrote: the way back is through it, not through all
///
/// Addresses are read without regard to case in what we wrote ourselves, since servers on the way may change it.
public struct SenderRewriting: Sendable {
    public enum Failure: Error, Equatable, Sendable {
        /// No address of this scheme, or not of our domain.
        case notRewritten
        /// We did not make it: whoever did wants us to send mail for him.
        case forged
        /// Older than bounces are.
        case expired
    }

    /// Days for which bounces are led back; senders give up after five.
    public static let daysMax = 21
    /// Of the hash, five bits each.
    static let hashLetters = 6
    private static let secondsOfDay: Int64 = 86_400
    /// Two letters of five bits.
    private static let daysModulus: Int64 = 1_024

    private let domain: String
    private let hashes: [HMACSHA256]

    /// - Parameters:
    ///   - domain: ours, whose SPF record lets us send.
    ///   - secrets: the first makes hashes, all are tried when one is checked, so that a secret can be changed. At least one,
    ///     each of at least 16 octets from a good source.
    public init(domain: String, secrets: [[UInt8]]) {
        precondition(!secrets.isEmpty && secrets.allSatisfy { $0.count >= 16 }, "a secret that can be guessed")
        self.domain = domain.lowercased()
        hashes = secrets.map { HMACSHA256(key: $0) }
    }

    /// The reverse-path to forward with; the local part may be longer than the 64 octets that RFC 5321 §4.5.3.1.1 promises.
    ///
    /// - Parameter unixSeconds: now.
    public func rewrite(_ sender: EmailAddress, unixSeconds: Int64) -> EmailAddress {
        if let rest = Self.body(of: sender.localPart, "SRS1"), let (_, inner) = Self.split(rest),
            let (first, opaque) = Self.split(inner)
        {
            // Rewritten twice before: only the last step is ours.
            return address("SRS1", "\(first)=\(opaque)")
        }
        if let opaque = Self.body(of: sender.localPart, "SRS0") {
            // What is behind the domain's "=" keeps its own separator, "=", "+" or "-".
            return address("SRS1", "\(sender.domain)=\(Self.separator(of: sender.localPart))\(opaque)")
        }
        let time = Self.letters(unixSeconds / Self.secondsOfDay % Self.daysModulus, count: 2)
        return address("SRS0", "\(time)=\(sender.domain)=\(sender.localPart)")
    }

    /// Whom a bounce to an address of ours goes to.
    ///
    /// - Parameter unixSeconds: now.
    public func original(of recipient: EmailAddress, unixSeconds: Int64) throws(Failure) -> EmailAddress {
        guard recipient.domain == domain else { throw .notRewritten }
        if let body = Self.body(of: recipient.localPart, "SRS0") {
            return try originalSender(try checked("SRS0", body), unixSeconds)
        }
        guard let body = Self.body(of: recipient.localPart, "SRS1") else { throw .notRewritten }
        let text = try checked("SRS1", body)
        guard let (first, opaque) = Self.split(text), EmailAddress.isDomain(first), opaque.utf8.count > 1 else {
            throw .notRewritten
        }
        return EmailAddress(localPart: "SRS0\(opaque)", domain: first)
    }

    private func originalSender(_ text: String, _ unixSeconds: Int64) throws(Failure) -> EmailAddress {
        guard let (time, rest) = Self.split(text), let (host, local) = Self.split(rest),
            let day = Self.number(time), EmailAddress.isDomain(host), !local.isEmpty
        else { throw .notRewritten }
        let today = unixSeconds / Self.secondsOfDay % Self.daysModulus
        let age = (today - day + Self.daysModulus) % Self.daysModulus
        guard age <= Self.daysMax else { throw .expired }
        return EmailAddress(localPart: local, domain: host)
    }

    // MARK: Hashes

    private func address(_ tag: String, _ text: String) -> EmailAddress {
        EmailAddress(localPart: "\(tag)=\(Self.hash(tag, text, hashes[0]))=\(text)", domain: domain)
    }

    /// The text behind a hash that is ours.
    private func checked(_ tag: String, _ body: String) throws(Failure) -> String {
        guard let (hash, text) = Self.split(body) else { throw .notRewritten }
        let isOurs = hashes.contains {
            ConstantTime.isEqual(Array(Self.hash(tag, text, $0).utf8), Array(hash.uppercased().utf8))
        }
        guard isOurs else { throw .forged }
        return text
    }

    private static func hash(_ tag: String, _ text: String, _ key: HMACSHA256) -> String {
        let digest = key.authenticate(Array("\(tag)=\(text)".lowercased().utf8)).octets
        let number = digest.prefix(4).reduce(Int64(0)) { $0 << 8 | Int64($1) }
        return letters(number >> 2, count: hashLetters)
    }

    // MARK: Text

    /// RFC 4648 §6: letters that survive a change of case.
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

    private static func letters(_ number: Int64, count: Int) -> String {
        var rest = number
        var letters: [UInt8] = []
        for _ in 0..<count {
            letters.append(alphabet[Int(rest & 31)])
            rest >>= 5
        }
        return String(decoding: letters.reversed(), as: UTF8.self)
    }

    private static func number(_ letters: String) -> Int64? {
        guard letters.utf8.count == 2 else { return nil }
        var number: Int64 = 0
        for letter in letters.uppercased().utf8 {
            guard let digit = alphabet.firstIndex(of: letter) else { return nil }
            number = number << 5 | Int64(digit)
        }
        return number
    }

    /// What follows "SRS0" or "SRS1" and its separator, which may be "=", "+" or "-".
    private static func body(of localPart: String, _ tag: String) -> String? {
        guard localPart.utf8.count > tag.utf8.count + 1, localPart.prefix(tag.count).uppercased() == tag else {
            return nil
        }
        let rest = localPart.dropFirst(tag.count)
        guard let separator = rest.first, "=+-".contains(separator) else { return nil }
        return String(rest.dropFirst())
    }

    private static func separator(of localPart: String) -> Character { localPart.dropFirst(4).first ?? "=" }

    /// In front of and behind the first "=".
    private static func split(_ text: String) -> (String, String)? {
        guard let equals = text.firstIndex(of: "=") else { return nil }
        return (String(text[..<equals]), String(text[text.index(after: equals)...]))
    }
}
