/// A macro-string or domain-spec (RFC 7208 §7.1), parsed and not yet expanded.
struct SPFMacroString: Equatable, Sendable {
    enum Part: Equatable, Sendable {
        case literal([UInt8])
        case macro(Macro)
    }

    /// `%{letter transformers delimiters}`.
    struct Macro: Equatable, Sendable {
        /// Lower case.
        var letter: UInt8
        /// An upper-case letter asks for URL escaping.
        var isEscaped = false
        /// Right-hand parts to keep; nil for all.
        var partsKept: Int?
        var isReversed = false
        /// Empty for ".".
        var delimiters: [UInt8] = []
    }

    enum Use: Equatable {
        /// Must end in a top label or a macro, and knows no `c`, `r` and `t`.
        case domainSpec
        /// An unknown modifier's value.
        case macroString
        /// The text that `exp=` points to: spaces are allowed too.
        case explanation
    }

    var parts: [Part] = []

    /// Parses
    ///
    ///     macro-string  = *( macro-expand / macro-literal )
    ///     macro-expand  = ( "%{" macro-letter transformers *delimiter "}" ) / "%%" / "%_" / "%-"
    ///     macro-literal = %x21-24 / %x26-7E
    ///     domain-spec   = macro-string domain-end
    init(_ text: ArraySlice<UInt8>, as use: Use) throws(SPFError) {
        var rest = text
        var literal: [UInt8] = []
        var endsInExpansion = false
        while let octet = rest.popFirst() {
            guard octet == UInt8(ascii: "%") else {
                guard (0x21...0x7e).contains(octet) || (octet == 0x20 && use == .explanation) else {
                    throw .permanent("octet \(octet) in \(Self.quoted(text))")
                }
                literal.append(octet)
                endsInExpansion = false
                continue
            }
            endsInExpansion = true
            switch rest.popFirst() {
            case UInt8(ascii: "%"): literal.append(UInt8(ascii: "%"))
            case UInt8(ascii: "_"): literal.append(UInt8(ascii: " "))
            case UInt8(ascii: "-"): literal += Array("%20".utf8)
            case UInt8(ascii: "{"):
                if !literal.isEmpty { parts.append(.literal(literal)) }
                literal = []
                parts.append(.macro(try Self.macro(&rest, in: text, as: use)))
            default: throw .permanent("a stray % in \(Self.quoted(text))")
            }
        }
        if !literal.isEmpty { parts.append(.literal(literal)) }
        if use == .domainSpec, !endsInExpansion, !Self.endsInTopLabel(text) {
            throw .permanent("\(Self.quoted(text)) is no domain")
        }
    }

    private static func macro(
        _ rest: inout ArraySlice<UInt8>, in text: ArraySlice<UInt8>, as use: Use
    ) throws(SPFError) -> Macro {
        guard let first = rest.popFirst() else { throw .permanent("an unfinished macro in \(quoted(text))") }
        var macro = Macro(letter: first | 0x20, isEscaped: first & 0x20 == 0)
        let letters: String.UTF8View = use == .domainSpec ? "slodiphv".utf8 : "slodiphvcrt".utf8
        guard first.isASCIILetter, letters.contains(macro.letter) else {
            throw .permanent("an unknown macro in \(quoted(text))")
        }
        while let digit = rest.first, digit.isASCIIDigit {
            rest.removeFirst()
            // 128 parts are more than a name has; more digits change nothing.
            macro.partsKept = min((macro.partsKept ?? 0) * 10 + Int(digit - UInt8(ascii: "0")), 1_000)
        }
        // RFC 7208 §7.3: the number must not be zero.
        guard macro.partsKept != 0 else { throw .permanent("a macro that keeps 0 parts in \(quoted(text))") }
        if let letter = rest.first, letter | 0x20 == UInt8(ascii: "r") {
            rest.removeFirst()
            macro.isReversed = true
        }
        while let octet = rest.popFirst() {
            if octet == UInt8(ascii: "}") { return macro }
            guard ".-+,/_=".utf8.contains(octet) else { break }
            if !macro.delimiters.contains(octet) { macro.delimiters.append(octet) }
        }
        throw .permanent("a malformed macro in \(quoted(text))")
    }

    /// Whether the text ends in
    ///
    ///     "." toplabel [ "." ]
    ///     toplabel = ( *alphanum ALPHA *alphanum ) / ( 1*alphanum "-" *( alphanum / "-" ) alphanum )
    private static func endsInTopLabel(_ text: ArraySlice<UInt8>) -> Bool {
        var text = text
        if text.last == UInt8(ascii: ".") { text.removeLast() }
        guard let dot = text.lastIndex(of: UInt8(ascii: ".")) else { return false }
        let label = text[(dot + 1)...]
        guard let first = label.first, let last = label.last else { return false }
        guard first != UInt8(ascii: "-"), last != UInt8(ascii: "-") else { return false }
        return label.allSatisfy { $0.isASCIILetter || $0.isASCIIDigit || $0 == UInt8(ascii: "-") }
            && label.contains { !$0.isASCIIDigit }
    }

    static func quoted(_ text: ArraySlice<UInt8>) -> String {
        "\""
            + String(
                decoding: text.prefix(80).map { (0x20...0x7e).contains($0) ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
            + "\""
    }
}

extension UInt8 {
    var isASCIIDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    var isASCIILetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) }
}
