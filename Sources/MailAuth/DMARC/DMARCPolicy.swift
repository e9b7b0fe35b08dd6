/// A DMARC record (RFC 7489 §6.3).
public struct DMARCPolicy: Equatable, Sendable {
    public enum Disposition: String, Equatable, Sendable {
        case none
        case quarantine
        case reject
    }

    public enum Alignment: Equatable, Sendable {
        /// Of one organisational domain.
        case relaxed
        /// The same domain.
        case strict
    }

    /// `p`.
    public var domain: Disposition
    /// `sp`; `p` where it is not given.
    public var subdomains: Disposition
    /// `np` (RFC 9091 §3.2): for subdomains that do not exist; nil where it is not given.
    public var nonexistentSubdomains: Disposition?
    public var dkimAlignment: Alignment = .relaxed
    public var spfAlignment: Alignment = .relaxed
    /// `pct`: the share of failing messages that the policy is meant for, 0 to 100.
    public var percent = 100
    /// `rua`, as written: URIs of aggregate reports.
    public var aggregateReportURIs: [String] = []

    /// A text that begins with `v=DMARC1`, which makes it a record (RFC 7489 §6.6.3).
    static func isRecord(_ text: [UInt8]) -> Bool {
        guard let first = tags(text, max: 1).first else { return false }
        return first.name == "v" && first.value == "DMARC1"
    }

    /// Reads tags in any order; unknown ones, and bad values other than of `p` and `sp`, are passed over.
    ///
    /// - Returns: nil for no record at all, and for one without a good `p` and `sp` that asks for no reports either
    ///   (RFC 7489 §6.6.3 item 6; with reports such a record counts as `p=none`).
    public init?(_ text: [UInt8]) {
        guard Self.isRecord(text) else { return nil }
        var values: [String: String] = [:]
        for tag in Self.tags(text, max: 100) where values[tag.name] == nil { values[tag.name] = tag.value }
        let reports = (values["rua"] ?? "").split(separator: ",").map { Self.trimmed($0) }.filter(Self.isURI)
        let requested = values["p"].flatMap { Disposition(rawValue: $0.lowercased()) }
        let forSubdomains = values["sp"].map { Disposition(rawValue: $0.lowercased()) }
        if let requested, forSubdomains != .some(nil) {
            domain = requested
            subdomains = (forSubdomains ?? nil) ?? requested
        } else if !reports.isEmpty {
            domain = .none
            subdomains = .none
        } else {
            return nil
        }
        nonexistentSubdomains = values["np"].flatMap { Disposition(rawValue: $0.lowercased()) }
        dkimAlignment = values["adkim"]?.lowercased() == "s" ? .strict : .relaxed
        spfAlignment = values["aspf"]?.lowercased() == "s" ? .strict : .relaxed
        if let percent = values["pct"].flatMap({ UInt8($0) }), percent <= 100 { self.percent = Int(percent) }
        aggregateReportURIs = reports
    }

    /// RFC 6376 §3.2 tag=value; those without "=" are left out.
    private static func tags(_ text: [UInt8], max: Int) -> [(name: String, value: String)] {
        text.split(separator: UInt8(ascii: ";"), maxSplits: max).prefix(max).compactMap { tag in
            guard let equals = tag.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            let name = trimmed(String(decoding: tag[..<equals], as: UTF8.self)[...])
            return (name.lowercased(), trimmed(String(decoding: tag[(equals + 1)...], as: UTF8.self)[...]))
        }
    }

    private static func isURI(_ text: String) -> Bool {
        guard let colon = text.firstIndex(of: ":") else { return false }
        return colon != text.startIndex && text.index(after: colon) != text.endIndex
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return String(text)
    }
}
