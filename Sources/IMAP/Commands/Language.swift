extension CommandSyntax {
    /// `language-cmd = "LANGUAGE" *(SP lang-range-quoted)` (RFC 5255 §3.5): texts for people are in English.
    static let language = CommandSyntax("LANGUAGE", in: .any) { p throws(SyntaxError) in
        var ranges: [String] = []
        while p.take(" ") {
            guard ranges.count < 32 else { throw SyntaxError.limitExceeded("lang-range", max: 32) }
            ranges.append(try p.text("lang-range", octetsMax: 64).lowercased())
        }
        return .language(ranges)
    }
}

extension ServerSession {
    /// RFC 5255 §3.1: what every server has, and what its texts are in.
    static let languages = ["i-default", "en"]

    /// The language that one of the ranges names (RFC 4647 §3.4, lookup); nil where none is there.
    static func language(for ranges: [String]) -> String? {
        for range in ranges {
            if range == "*" || range == "default" { return "i-default" }
            if range == "i-default" { return range }
            if range == "en" || range.hasPrefix("en-") { return "en" }
        }
        return nil
    }
}
