import MIME

extension StructureFacts {
    init(_ message: Message) {
        let header = message.header
        let from = header.all("From")
        fromFields = from.count
        receivedFields = header.all("Received").count
        hasDate = header.contains("Date")
        hasListID = header.contains("List-Id")
        if from.count == 1 { fromDomains = Self.domains(header) }
    }

    private static func domains(_ header: Header) -> [String] {
        var domains: [String] = []
        for mailbox in header.addresses("From", limit: fromAddressesMax).mailboxes where !mailbox.domain.isEmpty {
            let domain = String(decoding: mailbox.domain, as: UTF8.self)
            if !domains.contains(where: { $0.lowercased() == domain.lowercased() }) { domains.append(domain) }
            if domains.count > fromDomainsMax { break }
        }
        return domains
    }

    /// RFC 5322 §3.6.2 allows several addresses in From; nobody writes a thousand.
    private static let fromAddressesMax = 1_000

    /// What makes the message unacceptable.
    func refusal(_ options: Options, isStranger: Bool) -> Refusal? {
        // RFC 5321 §6.3.
        if receivedFields > options.hopsMax { return Refusal(554, "5.4.6", "Too many hops, this message is in a loop") }
        // RFC 5322 §3.6: From occurs once. Readers differ in which one they show, and DMARC judges only one (RFC 7489
        // §6.6.1).
        if fromFields > 1, isStranger { return Refusal(550, "5.6.0", "Message has more than one From field") }
        // Nor would anybody ask what each of their domains wants.
        if fromDomains.count > Self.fromDomainsMax, isStranger {
            return Refusal(550, "5.6.0", "From has addresses of too many domains")
        }
        return nil
    }
}
