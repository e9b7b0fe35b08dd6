import MIME
import MailCore
import MessageStore
import SMTP

extension Consignment {
    /// What is said to the server, with the wishes of the sender for one that knows DSN (RFC 3461 §4).
    func transaction(_ message: Outgoing, _ extensions: Extensions) -> Transaction {
        var transaction = Transaction(
            reversePath: reversePath, recipients: recipients.map(\.recipient), sizeOctets: message.octetCount,
            isEightBit: message.facts.hasEightBit)
        // RFC 6531 §3.2: without SMTPUTF8 the server gets what does not need it: recipients in US-ASCII, of a message whose
        // header and sender are so, too.
        let isNeeded = message.hasEightBitHeader || reversePath.address?.isASCII == false
        let isUsed = isNeeded || extensions.hasSMTPUTF8 && recipients.contains { !$0.recipient.isASCII }
        transaction.isInternationalized = needs.contains(.internationalized) && isUsed
        // RFC 8689 §5: a notice goes also where nobody promises that.
        let mustPromise = reversePath.address != nil || extensions.hasREQUIRETLS
        transaction.requiresTLS = needs.contains(.requireTLS) && mustPromise
        transaction.isBinary = message.isBinary
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

extension EmailAddress {
    fileprivate var isASCII: Bool { localPart.utf8.allSatisfy { $0 < 0x80 } && domain.utf8.allSatisfy { $0 < 0x80 } }
}
