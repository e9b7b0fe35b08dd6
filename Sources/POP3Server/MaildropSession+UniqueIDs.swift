import MailCore
import MessageStore
import POP3

extension MaildropSession {
    /// UIDL (RFC 1939 §7): "uidValidity.uid", or what the message was called where it came from.
    func uniqueIDs(of indexes: Range<Int>) async -> Engine.Answer {
        guard let maildrop else { return .failed(.temporary) }
        let own: [UID: String]
        do {
            own =
                if let known = maildrop.uniqueIDs { known } else {
                    try await store.pop3UIDLs(of: maildrop.mailbox)
                }
        } catch {
            return failed("reading unique-ids", error)
        }
        self.maildrop?.uniqueIDs = own
        var result = UniqueIDs()
        result.reserveCapacity(indexes.count)
        for index in indexes {
            guard let uid = maildrop.uid(index) else { return .failed(.temporary) }
            if let text = own[uid] {
                result.append(text)
            } else {
                result.append(maildrop.uidValidity.rawValue, uid.rawValue)
            }
        }
        return .uniqueIDs(result)
    }
}
