import MailCore
import MessageStore
import SMTP

extension Consignment {
    /// What is said to the server, with the wishes of the sender for one that knows DSN (RFC 3461 §4).
    func transaction(precedingOctets: Int) -> Transaction {
        var transaction = Transaction(
            reversePath: reversePath, recipients: recipients.map(\.recipient),
            sizeOctets: body.octetCount + precedingOctets,
            isEightBit: !needs.isDisjoint(with: [.eightBit, .internationalized]))
        transaction.isInternationalized = needs.contains(.internationalized)
        transaction.requiresTLS = needs.contains(.requireTLS)
        transaction.isBinary = needs.contains(.binary)
        var words: [String] = []
        if let returned = notification.returned { words.append("RET=\(returned.rawValue)") }
        if let envelopeID = notification.envelopeID { words.append("ENVID=\(XText.encode(envelopeID))") }
        transaction.noticeWords = words.joined(separator: " ")
        transaction.recipientNoticeWords = recipients.map { Self.words($0.notification) }
        return transaction
    }

    private static func words(_ notification: RecipientNotification) -> String {
        var words: [String] = []
        if let occasions = notification.occasions {
            let all: [(RecipientNotification.Occasions, String)] = [
                (.success, "SUCCESS"), (.failure, "FAILURE"), (.delay, "DELAY"),
            ]
            let named = all.filter { occasions.contains($0.0) }.map(\.1)
            words.append("NOTIFY=" + (named.isEmpty ? "NEVER" : named.joined(separator: ",")))
        }
        if let original = notification.original, let semicolon = original.firstIndex(of: ";") {
            let address = original[original.index(after: semicolon)...]
            words.append("ORCPT=\(original[..<semicolon]);\(XText.encode(String(address)))")
        }
        return words.joined(separator: " ")
    }
}
