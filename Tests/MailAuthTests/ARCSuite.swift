import DNS
import MIME
import MailAuth
import MailCrypto
import NIOCore
import Testing

/// The file `Cases/arc-suite.txt`; its form is told at its beginning.
struct ARCSuite: Sendable {
    struct Validation: Sendable, CustomTestStringConvertible {
        var title: String
        var message: Message
        var expected: String

        var testDescription: String { title }
    }

    struct Signing: Sendable, CustomTestStringConvertible {
        var title: String
        var message: Message
        var seconds: Int64
        var headerNames: [String]
        /// The values of the three fields; empty when none are to be made.
        var seal: String
        var signature: String
        var results: String

        var testDescription: String { title }
    }

    static let shared = ARCSuite(SPFCaseFile.read("\(SPFCaseFile.folder)/arc-suite.txt"))

    private(set) var validations: [Validation] = []
    private(set) var signings: [Signing] = []
    private(set) var zone: [String: [StaticResolver.Record]] = [:]
    private(set) var pem = ""
    private var fields: [String: String] = [:]
    private var bodies: [String: String] = [:]

    var resolver: StaticResolver { StaticResolver(zone) }

    private init(_ text: String) {
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let words = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard words.count == 2 else { continue }
            let pair = words[1].split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            switch words[0] {
            case "zone": zone[pair[0], default: []].append(.txt(pair[1]))
            case "key": pem = "-----BEGIN RSA PRIVATE KEY-----\n\(words[1])\n-----END RSA PRIVATE KEY-----\n"
            case "field": fields[pair[0]] = Self.text(pair[1])
            case "body": bodies[pair[0]] = Self.text(pair.count > 1 ? pair[1] : "")
            default: read(words[0], columns(words[1]))
            }
        }
    }

    private mutating func read(_ kind: String, _ columns: [String]) {
        if kind == "case", columns.count == 4 {
            validations.append(Validation(title: columns[0], message: message(columns), expected: columns[3]))
        } else if kind == "sign", columns.count >= 5 {
            let results = columns.dropFirst(5) + ["", "", ""]
            signings.append(
                Signing(
                    title: columns[0], message: message(columns), seconds: Int64(columns[3]) ?? 0,
                    headerNames: columns[4].split(separator: ":").map(String.init), seal: Array(results)[0],
                    signature: Array(results)[1], results: Array(results)[2]))
        }
    }

    private func columns(_ text: String) -> [String] {
        text.split(separator: "|", omittingEmptySubsequences: false).map { column in
            column.split(separator: " ").joined(separator: " ")
        }
    }

    private func message(_ columns: [String]) -> Message {
        let header = columns[1].split(separator: " ").map { (fields[String($0)] ?? "") + "\n" }.joined()
        let text = header + (columns[2] == "-" ? "" : "\n" + (bodies[columns[2]] ?? ""))
        return Message(parsing: ByteBuffer(string: text.replacing("\n", with: "\r\n")))
    }

    private static func text(_ escaped: String) -> String {
        escaped.replacing("\\x20", with: " ").replacing("\\x09", with: "\t").replacing("\\n", with: "\n")
    }
}
