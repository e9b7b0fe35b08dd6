import DNS
import Glibc
import MailAuth
import Testing

/// A file of `Cases/`: a zone, and clients judged by it.
///
///     zone NAME A|AAAA|PTR|CNAME VALUE
///     zone NAME MX PREFERENCE HOST
///     zone NAME TXT "STRING" "STRING" …
///     zone NAME FAIL [TYPE]
///     case TITLE | CLIENT | HELO | MAIL FROM or <> | RESULT [or RESULT] | EXPLANATION, when it has one
///
/// `\xHH` is an octet; `#` begins a comment line.
struct SPFCaseFile {
    struct Case: Sendable, CustomTestStringConvertible {
        var file: String
        var title: String
        var client: String
        var helo: String
        var mailFrom: String
        var results: [String]
        /// Not judged when nil.
        var explanation: String?
        var resolver: StaticResolver

        var testDescription: String { "\(file): \(title)" }
    }

    static let folder = #filePath.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } + "/Cases"

    /// All cases of all files whose names begin with `spf-`.
    static func all() -> [Case] {
        names().sorted().flatMap { cases(in: $0) }
    }

    private static func names() -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasPrefix("spf-") { names.append(name) }
        }
        return names
    }

    private static func cases(in file: String) -> [Case] {
        let lines = read("\(folder)/\(file)").split(separator: "\n").filter { !$0.hasPrefix("#") }
        var zone: [String: [StaticResolver.Record]] = [:]
        for line in lines where line.hasPrefix("zone ") {
            let (name, record) = record(line.dropFirst(5))
            zone[name, default: []].append(record)
        }
        let resolver = StaticResolver(zone)
        return lines.filter { $0.hasPrefix("case ") }.map { line in
            let fields = line.dropFirst(5).split(separator: "|", omittingEmptySubsequences: false).map {
                text(trimmed($0))
            }
            precondition(fields.count >= 5, "bad case: \(line)")
            return Case(
                file: file, title: fields[0], client: fields[1], helo: fields[2], mailFrom: fields[3],
                results: fields[4].split(separator: " ").filter { $0 != "or" }.map(String.init),
                explanation: fields.count > 5 ? fields[5] : nil, resolver: resolver)
        }
    }

    private static func record(_ line: Substring) -> (String, StaticResolver.Record) {
        let words = line.split(separator: " ", maxSplits: 2).map(String.init)
        let (name, type, value) = (text(words[0]), words[1], words.count > 2 ? words[2] : "")
        switch type {
        case "A": return (name, .a(value))
        case "AAAA": return (name, .aaaa(value))
        case "PTR": return (name, .ptr(value))
        case "CNAME": return (name, .cname(value))
        case "MX":
            let parts = value.split(separator: " ")
            return (name, .mx(UInt16(parts[0]) ?? 0, parts.count > 1 ? String(parts[1]) : ""))
        case "TXT":
            let strings = value.dropFirst().dropLast().split(separator: "\" \"", omittingEmptySubsequences: false)
            return (name, .strings(strings.map(octets)))
        case "FAIL": return (name, .failure(value == "TXT" ? .txt : value == "A" ? .a : value == "MX" ? .mx : nil))
        default: preconditionFailure("bad zone line: \(line)")
        }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return text
    }

    private static func text(_ escaped: some StringProtocol) -> String {
        String(decoding: octets(escaped), as: UTF8.self)
    }

    private static func octets(_ escaped: some StringProtocol) -> [UInt8] {
        var result: [UInt8] = []
        var rest = Array(escaped.utf8)[...]
        while let octet = rest.popFirst() {
            if octet == UInt8(ascii: "\\"), rest.first == UInt8(ascii: "x"),
                let value = UInt8(String(decoding: rest.dropFirst().prefix(2), as: UTF8.self), radix: 16)
            {
                result.append(value)
                rest = rest.dropFirst(3)
            } else {
                result.append(octet)
            }
        }
        return result
    }

    static func read(_ path: String) -> String {
        guard let file = fopen(path, "r") else { return "" }
        defer { fclose(file) }
        var octets: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&piece, 1, piece.count, file)
            if count == 0 { return String(decoding: octets, as: UTF8.self) }
            octets += piece[..<count]
        }
    }
}
