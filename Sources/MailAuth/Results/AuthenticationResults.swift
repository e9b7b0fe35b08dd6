/// An Authentication-Results field (RFC 8601 §2.2).
public struct AuthenticationResults: Equatable, Sendable {
    /// `resinfo`: what one method found.
    public struct MethodResult: Equatable, Sendable {
        /// As registered (RFC 8601 §6.2): "spf", "dkim", "dmarc", "iprev", "auth".
        public var method: String
        /// As registered: "pass", "fail", "temperror", …
        public var result: String
        public var reason: String?
        public var properties: [Property]

        public init(method: String, result: String, reason: String? = nil, properties: [Property] = []) {
            self.method = method
            self.result = result
            self.reason = reason
            self.properties = properties
        }
    }

    /// `propspec`: what was judged, as in `smtp.mailfrom=example.org`.
    public struct Property: Equatable, Sendable {
        /// "smtp", "header", "body" or "policy".
        public var type: String
        public var name: String
        /// May be a stranger's words: quoted where needed, printable ASCII only, cut at 320 octets.
        public var value: String

        public init(type: String, name: String, value: String) {
            self.type = type
            self.name = name
            self.value = value
        }
    }

    public static let fieldName = "Authentication-Results"
    static let valueOctetsMax = 320

    /// Our name, the same in every field that we write.
    public var authservID: String
    public var results: [MethodResult]

    public init(authservID: String, results: [MethodResult]) {
        self.authservID = authservID
        self.results = results
    }

    /// The whole field with its final CR LF, folded between results and properties at 78 octets where that is possible.
    public var field: String { field(named: Self.fieldName, after: "") }

    /// - Parameter start: what stands in front of the authserv-id.
    func field(named name: String, after start: String) -> String {
        var lines = FoldedLines(name + ": " + start + Self.value(authservID))
        if results.isEmpty { lines.append("; none") }
        for result in results {
            lines.append(";")
            lines.appendOnNewLine("\(Self.keyword(result.method))=\(Self.keyword(result.result))")
            if let reason = result.reason { lines.append(" ", "reason=" + Self.quoted(reason)) }
            for property in result.properties {
                let name = "\(Self.keyword(property.type)).\(Self.keyword(property.name))"
                lines.append(" ", "\(name)=\(Self.value(property.value))")
            }
        }
        return lines.text + "\r\n"
    }

    /// ABNF Keyword, RFC 8601 §2.2; of our own making, but nothing else may ever get out.
    private static func keyword(_ text: String) -> String {
        String(
            decoding: text.utf8.filter { $0.isASCIILetter || $0.isASCIIDigit || $0 == UInt8(ascii: "-") }, as: UTF8.self
        )
    }

    /// A token, a plain address or domain, else a quoted-string.
    private static func value(_ text: String) -> String {
        let isPlain =
            (1...valueOctetsMax).contains(text.utf8.count) && text.utf8.allSatisfy(isTokenOctet)
            && text.utf8.filter { $0 == UInt8(ascii: "@") }.count <= 1
        return isPlain ? text : quoted(text)
    }

    /// RFC 2045 §5.1 token without its oddities, and "@".
    private static func isTokenOctet(_ octet: UInt8) -> Bool {
        octet.isASCIILetter || octet.isASCIIDigit || "!#$%&'*+-.^_`{|}~@".utf8.contains(octet)
    }

    private static func quoted(_ text: String) -> String {
        var octets: [UInt8] = [UInt8(ascii: "\"")]
        for octet in PlainText.printable(text, max: valueOctetsMax).utf8 {
            if octet == UInt8(ascii: "\"") || octet == UInt8(ascii: "\\") { octets.append(UInt8(ascii: "\\")) }
            octets.append(octet)
        }
        octets.append(UInt8(ascii: "\""))
        return String(decoding: octets, as: UTF8.self)
    }
}

/// Folds a field (RFC 5322 §2.2.3) at places where white space may stand.
private struct FoldedLines {
    private(set) var text: String
    private var column: Int

    init(_ start: String) {
        text = start
        column = start.utf8.count
    }

    mutating func append(_ piece: String) {
        text += piece
        column += piece.utf8.count
    }

    mutating func append(_ space: String, _ piece: String) {
        if column + space.utf8.count + piece.utf8.count > 77 { return appendOnNewLine(piece) }
        append(space + piece)
    }

    mutating func appendOnNewLine(_ piece: String) {
        text += "\r\n\t" + piece
        column = 8 + piece.utf8.count
    }
}
