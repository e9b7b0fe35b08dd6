public import Control
import MailCore
public import MessageStore

extension StoredQueueFilter {
    /// - Parameter now: seconds since 1970.
    public init(_ filter: Control.QueueFilter, now: Int64) {
        let state: QueuedRecipient.State? =
            switch filter.state {
            case "waiting": .waiting
            case "sending": .leased
            case "held": .held
            default: nil
            }
        self.init(
            queueID: filter.id, routeDomain: filter.domain?.lowercased(),
            recipient: filter.recipient.flatMap { EmailAddress($0)?.description } ?? filter.recipient, state: state,
            sender: filter.sender.map { $0 == "<>" ? "" : $0.lowercased() }, replyPart: filter.reply,
            queuedBefore: filter.olderThanHours.map { now - Int64(clamping: $0) * 3_600 })
    }
}
