import MailCore
public import NIOCore

/// Writes a header: folded lines, US-ASCII only (RFC 5322 §2.2.3, RFC 2047).
///
/// CR, LF and NUL in what is handed in become spaces: no value can start a field of its own.
public struct HeaderBuilder: Sendable {
    /// The fields so far, each with its CRLF, without the empty line.
    public private(set) var octets = ByteBuffer()

    /// RFC 5322 §2.1.1: lines should have no more.
    static let lineOctetsMax = 78

    public init() {}

    /// An unstructured field (Subject, Comments): any text.
    public mutating func append(_ name: String, text: String) {
        let needsEncoding =
            text.utf8.contains { $0 >= 0x7f || ($0 < 0x20 && !$0.isBlank) } || text.contains("=?")
            || text.split(separator: " ").contains { $0.utf8.count > 900 }
        append(name, words: needsEncoding ? EncodedWords.encode(text) : Self.words(text))
    }

    /// A structured field, written as it stands but for folding at its spaces.
    public mutating func append(_ name: String, value: String) {
        append(name, words: Self.words(value))
    }

    public mutating func append(_ name: String, mailboxes: [AddressList.Mailbox]) {
        var words: [String] = []
        for (index, mailbox) in mailboxes.enumerated() {
            let isLast = index + 1 == mailboxes.count
            words += mailbox.words(followedBy: isLast ? "" : ",")
        }
        append(name, words: words)
    }

    public mutating func append(_ name: String, date: DateTime) {
        append(name, value: date.rfc5322)
    }

    /// A field like Content-Type: a value and its parameters, quoted or encoded by RFC 2231 as each needs.
    public mutating func append(_ name: String, value: String, parameters: [(name: String, value: String)]) {
        var words = Self.words(value)
        for parameter in parameters {
            if let last = words.indices.last { words[last] += ";" }
            words.append(Self.parameter(parameter.name, parameter.value))
        }
        append(name, words: words)
    }

    /// The fields and the empty line that ends them.
    public func finish() -> ByteBuffer {
        var result = octets
        result.writeStaticString("\r\n")
        return result
    }

    private mutating func append(_ name: String, words: [String]) {
        octets.writeString(name)
        octets.writeInteger(UInt8(ascii: ":"))
        var column = name.utf8.count + 1
        for (index, word) in words.enumerated() {
            if column + 1 + word.utf8.count > Self.lineOctetsMax, index > 0 {
                octets.writeStaticString("\r\n")
                column = 0
            }
            octets.writeInteger(UInt8.space)
            octets.writeString(word)
            column += 1 + word.utf8.count
        }
        octets.writeStaticString("\r\n")
    }

    private static func words(_ text: String) -> [String] {
        text.utf8.split { $0.isBlank }.map { String(decoding: $0, as: UTF8.self) }
    }

    /// RFC 2045 §5.1, RFC 2231 §4.
    private static func parameter(_ name: String, _ value: String) -> String {
        let isToken =
            !value.isEmpty
            && value.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && !"()<>@,;:\\\"/[]?=".utf8.contains($0) }
        if isToken { return "\(name)=\(value)" }
        if value.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) { return "\(name)=\(quoted(value))" }
        var encoded = "\(name)*=utf-8''"
        for octet in value.utf8 {
            if octet.isLetter || octet.isDigit || "-._".utf8.contains(octet) {
                encoded.unicodeScalars.append(Unicode.Scalar(octet))
            } else {
                encoded += "%"
                encoded.unicodeScalars.append(Unicode.Scalar(QuotedPrintable.hexDigit(octet >> 4)))
                encoded.unicodeScalars.append(Unicode.Scalar(QuotedPrintable.hexDigit(octet & 15)))
            }
        }
        return encoded
    }

    /// RFC 5322 §3.2.4 `quoted-string`.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { result += "\\" }
            result.unicodeScalars.append(scalar.value < 0x20 ? " " : scalar)
        }
        return result + "\""
    }
}

extension AddressList.Mailbox {
    /// The words of `[display-name] "<" addr-spec ">"`.
    fileprivate func words(followedBy separator: String) -> [String] {
        let local = String(decoding: localPart, as: UTF8.self)
        let host = String(decoding: domain, as: UTF8.self)
        let plain = EmailAddress(localPart: local, domain: "").description + host
        let spec = String(decoding: plain.utf8.filter { !$0.isBlank }, as: UTF8.self)
        guard let name, !name.isEmpty else { return [spec + separator] }
        let isASCII = name.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f }
        let phrase = isASCII && !name.contains("=?") ? [HeaderBuilder.quoted(name)] : EncodedWords.encode(name)
        return phrase + ["<\(spec)>\(separator)"]
    }
}
