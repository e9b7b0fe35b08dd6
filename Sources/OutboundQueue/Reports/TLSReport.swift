import MIME
import MailCore
import MessageStore
import NIOCore
import Transport

/// What became of TLS with one domain on one day, for whoever runs it (RFC 8460).
struct TLSReport: Sendable {
    /// This server, as whose mail the report goes.
    var hostname: String
    var contact: EmailAddress
    /// The domain that it is about.
    var domain: String
    /// Since 1970-01-01.
    var day: Int64
    /// Unique: letters, digits, dots.
    var identifier: String
    var results: [(result: TLSResult, count: Int)]
    /// Of MTA-STS, where it is still known.
    var policy: (policy: STSPolicy, text: String)?

    /// RFC 8460 §4.4.
    var json: String {
        let policies = Dictionary(grouping: results) { $0.result.policy }.sorted { $0.key < $1.key }
        return """
            {"organization-name":\(quoted(hostname)),\
            "date-range":{"start-datetime":\(quoted(time(day * 86_400))),\
            "end-datetime":\(quoted(time(day * 86_400 + 86_399)))},\
            "contact-info":\(quoted("\(contact)")),"report-id":\(quoted(identifier)),\
            "policies":[\(policies.map { policy($0.key, $0.value) }.joined(separator: ","))]}
            """
    }

    private func policy(_ name: String, _ results: [(result: TLSResult, count: Int)]) -> String {
        let failures = results.filter { $0.result.result != "success" }
        let failed = failures.reduce(0) { $0 + $1.count }
        let details = failures.map {
            "{\"result-type\":\(quoted($0.result.result)),\"failed-session-count\":\($0.count)}"
        }
        return """
            {"policy":{"policy-type":\(quoted(name)),\(name == "sts" ? strings : "")"policy-domain":\(quoted(domain))},\
            "summary":{"total-successful-session-count":\(results.reduce(0) { $0 + $1.count } - failed),\
            "total-failure-session-count":\(failed)},\
            "failure-details":[\(details.joined(separator: ","))]}
            """
    }

    /// The applied policy, line by line, and the hosts that it names.
    private var strings: String {
        guard let policy else { return "" }
        let lines = policy.text.split(whereSeparator: \.isNewline).prefix(200).map { quoted(String($0)) }
        let hosts = policy.policy.patterns.map(quoted)
        return "\"policy-string\":[\(lines.joined(separator: ","))],\"mx-host\":[\(hosts.joined(separator: ","))],"
    }

    private func quoted(_ text: String) -> String { Runner.quoted(text) }

    /// RFC 3339.
    private func time(_ seconds: Int64) -> String {
        let at = DateTime(unixSeconds: seconds).components
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(at.year)-\(two(at.month))-\(two(at.day))T\(two(at.hour)):\(two(at.minute)):\(two(at.second))Z"
    }

    /// The message that brings it (§5.3).
    func message(to address: EmailAddress, writtenAt: Int64) -> ByteBuffer {
        var fields = HeaderBuilder()
        fields.append("From", value: "TLS reports <\(DeliveryStatus.plain("\(contact)"))>")
        fields.append("To", value: DeliveryStatus.plain("\(address)"))
        fields.append("Subject", text: "Report Domain: \(domain) Submitter: \(hostname) Report-ID: <\(identifier)>")
        fields.append("Date", date: DateTime(unixSeconds: writtenAt))
        fields.append("Message-ID", value: "<tls.\(identifier)@\(hostname)>")
        fields.append("TLS-Report-Domain", value: DeliveryStatus.plain(domain))
        fields.append("TLS-Report-Submitter", value: hostname)
        // §3: what is reported must not keep the report from its reader.
        fields.append("TLS-Required", value: "No")
        fields.append("Auto-Submitted", value: "auto-generated")
        fields.append("MIME-Version", value: "1.0")
        let start = day * 86_400
        let name = "\(hostname)!\(domain)!\(start)!\(start + 86_399)!\(identifier).json"
        let plain = ByteBuffer(string: json)
        let text = "This is a report of how TLS with the mail servers of \(domain) went (RFC 8460), for programs.\n"
        let file =
            Gzip.compress(plain).map {
                EntityBuilder.attachment("application/tlsrpt+gzip", fileName: name + ".gz", body: $0)
            } ?? EntityBuilder.attachment("application/tlsrpt+json", fileName: name, body: plain)
        return EntityBuilder.multipart(
            "report", boundary: "=_tls_\(identifier.split(separator: ".").joined(separator: "_"))",
            parameters: [("report-type", "tlsrpt")], fields: fields, parts: [EntityBuilder.text(text), file])
    }

    /// Where a domain wants its reports, of the record at `_smtp._tls` (§3); nil for any other record. Of its URIs those
    /// of mail count.
    ///
    ///     tlsrpt-record = "v=TLSRPTv1" 1*(";" field)                ; with "rua=" uri *("," uri)
    static func addresses(_ record: String) -> [EmailAddress]? {
        let fields = record.split(separator: ";").map { $0.filter { !$0.isWhitespace } }
        guard fields.first == "v=TLSRPTv1" else { return nil }
        guard let uris = fields.first(where: { $0.hasPrefix("rua=") })?.dropFirst(4) else { return [] }
        return uris.split(separator: ",").prefix(Self.addressesMax).compactMap { uri in
            guard uri.lowercased().hasPrefix("mailto:") else { return nil }
            return EmailAddress(percentDecoded(uri.dropFirst(7).prefix { $0 != "?" }))
        }
    }

    private static let addressesMax = 5

    /// RFC 3986 §2.1.
    private static func percentDecoded(_ text: Substring) -> String {
        var octets: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let octet = rest.popFirst() {
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            if octet == UInt8(ascii: "%"), digits.utf8.count == 2, let value = UInt8(digits, radix: 16) {
                octets.append(value)
                rest = rest.dropFirst(2)
            } else {
                octets.append(octet)
            }
        }
        return String(decoding: octets, as: UTF8.self)
    }
}
