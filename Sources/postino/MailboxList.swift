import Control

/// The list that `mailbox add --from` reads: a line a mailbox, `address password` or `address`; empty lines and lines
/// that begin with "#" are passed over.
struct MailboxList {
    var entries: [(address: String, password: String?)] = []

    init(_ octets: [UInt8], name: String) throws(Failure) {
        var number = 0
        for line in octets.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            guard let text = String(validating: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
            else { throw Self.failure(name, number, "it is not UTF-8") }
            // The password is everything behind the first blank, so that it may hold blanks itself.
            let parts = text.split(maxSplits: 1, omittingEmptySubsequences: true) { $0 == " " || $0 == "\t" }
            guard let address = parts.first, !address.hasPrefix("#") else { continue }
            guard address.contains("@") else { throw Self.failure(name, number, "it does not begin with an address") }
            let password = parts.count > 1 ? String(parts[1].drop { $0 == " " || $0 == "\t" }) : ""
            entries.append((String(address), password.isEmpty ? nil : password))
        }
    }

    private static func failure(_ name: String, _ line: Int, _ obstacle: String) -> Failure {
        Failure(
            .usage, "bad-list", tried: "read line \(line) of \(name)", obstacle: obstacle,
            next: "Each line is: ADDRESS PASSWORD, or ADDRESS alone.")
    }
}
