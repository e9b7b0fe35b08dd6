import MessageStore
import SMTP

extension Consignment {
    /// What is said to the server, with the wishes of the sender for one that knows DSN (RFC 3461 §4).
    func transaction(precedingOctets: Int) -> Transaction {
        var transaction = Transaction(
            reversePath: reversePath, recipients: recipients.map(\.recipient),
            sizeOctets: body.octetCount + precedingOctets, isEightBit: options.isEightBit)
        transaction.isInternationalized = options.isInternationalized
        transaction.requiresTLS = options.requiresTLS
        var words: [String] = []
        if let returned = options.returned { words.append("RET=\(returned.rawValue.uppercased())") }
        if let envelopeID = options.envelopeID { words.append("ENVID=\(XText.encode(envelopeID))") }
        transaction.noticeWords = words.joined(separator: " ")
        transaction.recipientNoticeWords = recipients.map { Self.words($0.wishes) }
        return transaction
    }

    private static func words(_ wishes: NoticeWishes) -> String {
        var words: [String] = []
        if wishes.notify.contains(.never) {
            words.append("NOTIFY=NEVER")
        } else if !wishes.notify.isEmpty {
            let all: [(NoticeWishes.Notify, String)] = [
                (.success, "SUCCESS"), (.failure, "FAILURE"), (.delay, "DELAY"),
            ]
            words.append("NOTIFY=" + all.filter { wishes.notify.contains($0.0) }.map(\.1).joined(separator: ","))
        }
        if let original = wishes.originalRecipient, let semicolon = original.firstIndex(of: ";") {
            let address = original[original.index(after: semicolon)...]
            words.append("ORCPT=\(original[..<semicolon]);\(XText.encode(String(address)))")
        }
        return words.joined(separator: " ")
    }
}
