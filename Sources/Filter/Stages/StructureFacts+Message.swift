import MIME

extension StructureFacts {
    init(_ message: Message) {
        let header = message.header
        let from = header.all("From")
        fromFields = from.count
        receivedFields = header.all("Received").count
        hasDate = header.contains("Date")
        fromDomain = nil
        if from.count == 1 {
            // A group and two mailboxes are enough to know that it is not one.
            let mailboxes = header.addresses("From", limit: 3).mailboxes
            if mailboxes.count == 1, let domain = mailboxes.first?.domain, !domain.isEmpty {
                fromDomain = String(decoding: domain, as: UTF8.self)
            }
        }
    }

    /// What makes the message unacceptable.
    func refusal(_ options: Options, isStranger: Bool) -> Refusal? {
        // RFC 5321 §6.3.
        if receivedFields > options.hopsMax { return Refusal(554, "5.4.6", "Too many hops, this message is in a loop") }
        // RFC 5322 §3.6: From occurs once. Readers differ in which one they show, and DMARC judges only one (RFC 7489
        // §6.6.1).
        if fromFields > 1, isStranger { return Refusal(550, "5.6.0", "Message has more than one From field") }
        return nil
    }
}
