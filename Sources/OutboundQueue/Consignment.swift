import MailCore
import MessageStore
import SMTP

/// One queued message with those of its recipients that one destination takes.
struct Consignment: Sendable {
    var queueID: Int64
    var reversePath: ReversePath
    var options: QueueOptions
    var body: BodyReference
    var expiresAt: Int64
    var createdAt: Int64
    var recipients: [QueuedRecipient]

    var keys: [QueueKey] { recipients.map(\.key) }

    /// Consignments by destination, in the order in which they are due.
    static func grouped(
        _ due: [QueuedRecipient], by destination: (QueuedRecipient) -> String
    ) -> [(destination: String, consignments: [Consignment])] {
        var order: [String] = []
        var groups: [String: [Consignment]] = [:]
        for recipient in due {
            let name = destination(recipient)
            if groups[name] == nil { order.append(name) }
            if let index = groups[name]?.lastIndex(where: { $0.queueID == recipient.key.queueID }) {
                groups[name]?[index].recipients.append(recipient)
            } else {
                groups[name, default: []].append(
                    Consignment(
                        queueID: recipient.key.queueID, reversePath: recipient.reversePath,
                        options: QueueOptions(text: recipient.options), body: recipient.body,
                        expiresAt: recipient.expiresAt, createdAt: recipient.createdAt, recipients: [recipient]))
            }
        }
        return order.map { ($0, groups[$0] ?? []) }
    }
}
