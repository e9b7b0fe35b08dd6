import MailCore

/// What a domain says of TLS at its mail exchangers (RFC 8461 §3.2), a text of lines:
///
///     sts-policy-record = sts-policy-field *( LF sts-policy-field )    ; CR LF or LF
///     sts-policy-field  = "version" / "mode" / "max_age" / "mx" ":" value
struct STSPolicy: Equatable, Sendable {
    enum Mode: String, Sendable {
        case enforce, testing, none
    }

    /// §3.2 gives a year at most.
    static let ageSecondsMax: Int64 = 31_557_600
    static let octetsMax = 65_536
    private static let patternsMax = 100

    var mode: Mode
    var maxAgeSeconds: Int64
    /// In lower case: names, or "*." and a name.
    var patterns: [String]

    /// Nil for what is no policy.
    init?(_ text: String) {
        var values: [String: String] = [:]
        var patterns: [String] = []
        for line in text.utf8.split(whereSeparator: { $0 == 10 || $0 == 13 }).prefix(1_000) {
            guard let line = String(line) else { continue }
            let parts = line.split(separator: ":", maxSplits: 1).map { Self.trimmed($0) }
            guard parts.count == 2 else { continue }
            if parts[0] == "mx" {
                if patterns.count < Self.patternsMax { patterns.append(parts[1].lowercased()) }
            } else if values[parts[0]] == nil {
                // §3.2: of a field that stands twice the first counts.
                values[parts[0]] = parts[1]
            }
        }
        guard values["version"] == "STSv1", let mode = values["mode"].flatMap(Mode.init(rawValue:)),
            let age = values["max_age"].flatMap({ Int64($0) }), age >= 0, mode == .none || !patterns.isEmpty
        else { return nil }
        self.mode = mode
        maxAgeSeconds = min(age, Self.ageSecondsMax)
        self.patterns = patterns
    }

    /// §4.1: the whole name, or one label in place of the star.
    func allows(_ host: String) -> Bool {
        let name = host.lowercased()
        return patterns.contains { pattern in
            guard pattern.hasPrefix("*.") else { return pattern == name }
            guard let dot = name.firstIndex(of: ".") else { return false }
            return name[dot...] == pattern.dropFirst()
        }
    }

    /// The id of a TXT record at `_mta-sts` (§3.1); nil for any other record.
    ///
    ///     sts-text-record = "v=STSv1" *( ";" field )       ; with a field "id=" 1*32( ALPHA / DIGIT )
    static func identifier(_ record: String) -> String? {
        let fields = record.split(separator: ";").map { trimmed($0) }
        guard fields.first == "v=STSv1" else { return nil }
        let id = fields.first { $0.hasPrefix("id=") }?.dropFirst(3)
        guard let id, (1...32).contains(id.utf8.count) else { return nil }
        return String(id)
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        var text = Substring(text)
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return String(text)
    }
}
