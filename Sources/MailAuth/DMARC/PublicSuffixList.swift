import Glibc
import MailCore

/// The list of publicsuffix.org: where organisational domains begin (RFC 7489 §3.2).
public struct PublicSuffixList: Sendable {
    /// In Debian's package publicsuffix.
    public static let standardPath = "/usr/share/publicsuffix/public_suffix_list.dat"
    private static let fileOctetsMax = 16 << 20

    public struct Unreadable: Error, Equatable, Sendable, CustomStringConvertible {
        public var path: String
        public var reason: String

        public var description: String { "\(path): \(reason)" }
    }

    private enum Rule {
        case exact
        /// `*.` before it.
        case wildcard
        case both
        /// `!` before it: no suffix, whatever the wildcard above says.
        case exception
    }

    private var rules: [String: Rule] = [:]

    /// Reads the whole file, blocking; once, at start.
    public init(path: String = Self.standardPath) throws(Unreadable) {
        guard let file = fopen(path, "re") else {
            throw Unreadable(path: path, reason: String(cString: strerror(errno)))
        }
        defer { fclose(file) }
        var octets: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while octets.count < Self.fileOctetsMax {
            let count = fread(&piece, 1, piece.count, file)
            if count == 0 { break }
            octets += piece[..<count]
        }
        self.init(octets)
        if rules.isEmpty { throw Unreadable(path: path, reason: "no rules in it") }
    }

    /// - Parameter text: in the format of publicsuffix.org: a rule a line up to the first white space, `//` comments.
    public init(_ text: [UInt8]) {
        for line in text.split(separator: 0x0a) {
            var rule = line.prefix { $0 > 0x20 }
            guard let first = rule.first, !rule.starts(with: "//".utf8) else { continue }
            var kind = Rule.exact
            if first == UInt8(ascii: "!") {
                kind = .exception
                rule.removeFirst()
            } else if rule.starts(with: "*.".utf8) {
                kind = .wildcard
                rule = rule.dropFirst(2)
            }
            let key = Self.key(String(decoding: rule, as: UTF8.self))
            switch (rules[key], kind) {
            case (.exact, .wildcard), (.wildcard, .exact): rules[key] = .both
            default: rules[key] = kind
            }
        }
    }

    /// The public suffix and one label more; the domain itself where it is a suffix. Lower case, A-labels.
    public func organisationalDomain(of domain: String) -> String {
        let key = Self.key(domain)
        let labels = key.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count <= 128 else { return key }
        // Without a rule the last label is the suffix.
        var suffixLabels = 1
        for start in labels.indices {
            let name = labels[start...].joined(separator: ".")
            let count = labels.count - start
            guard let rule = rules[name] else { continue }
            if rule == .exception {
                suffixLabels = count - 1
            } else if rule != .exact, start > 0 {
                suffixLabels = count + 1
            } else if rule != .wildcard {
                suffixLabels = count
            } else {
                // A wildcard's own name is a suffix only by a rule further up.
                continue
            }
            break
        }
        return labels.suffix(suffixLabels + 1).joined(separator: ".")
    }

    private static let otherDots: Set<Unicode.Scalar> = ["\u{3002}", "\u{ff0e}", "\u{ff61}"]

    /// Lower case, A-labels, no final dot: what domains are compared by.
    static func key(_ domain: String) -> String {
        var text = domain
        if text.utf8.count > 1, text.utf8.last == UInt8(ascii: ".") { text.removeLast() }
        if text.utf8.allSatisfy({ $0 < 0x80 && !(UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }) { return text }
        text = text.lowercased()
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text }
        // RFC 3490 §3.1: dots of other scripts separate labels too, and mail programs show them as dots.
        text = String(String.UnicodeScalarView(text.unicodeScalars.map { otherDots.contains($0) ? "." : $0 }))
        return text.split(separator: ".", omittingEmptySubsequences: false).map { label in
            label.utf8.allSatisfy { $0 < 0x80 } ? String(label) : Punycode.aLabel(label) ?? String(label)
        }.joined(separator: ".")
    }
}
