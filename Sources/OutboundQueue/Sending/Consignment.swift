import MailCore
import MessageStore

/// One queued message with those of its recipients that one transaction takes.
struct Consignment: Sendable {
    /// RFC 5321 §4.5.3.1.8: so many every server takes; more go in a transaction of their own.
    static let recipientsMax = 100

    var queueID: Int64
    var reversePath: ReversePath
    var options: QueueOptions
    var needs: MessageNeeds
    var notification: MessageNotification
    var body: BodyReference
    var expiresAt: Int64
    var createdAt: Int64
    var recipients: [QueuedRecipient]
    var priority: QueuePriority

    var keys: [QueueKey] { recipients.map(\.key) }

    init(_ recipient: QueuedRecipient) {
        queueID = recipient.key.queueID
        reversePath = recipient.reversePath
        options = QueueOptions(text: recipient.options)
        needs = recipient.needs
        notification = recipient.messageNotification
        body = recipient.body
        expiresAt = recipient.expiresAt
        createdAt = recipient.createdAt
        recipients = [recipient]
        priority = recipient.priority
    }

    /// Consignments by destination, in the order in which they are due.
    static func grouped<Name: Hashable>(
        _ due: [QueuedRecipient], by destination: (QueuedRecipient) -> Name
    ) -> [(destination: Name, consignments: [Consignment])] {
        var groups: [(destination: Name, consignments: [Consignment])] = []
        var places: [Name: Int] = [:]
        /// By destination: where the last consignment of a message stands.
        var open: [Int: [Int64: Int]] = [:]
        for recipient in due {
            let name = destination(recipient)
            let place = places[name] ?? groups.count
            if place == groups.count {
                places[name] = place
                groups.append((name, []))
            }
            let id = recipient.key.queueID
            if let index = open[place]?[id], groups[place].consignments[index].recipients.count < recipientsMax {
                groups[place].consignments[index].recipients.append(recipient)
            } else {
                open[place, default: [:]][id] = groups[place].consignments.count
                groups[place].consignments.append(Consignment(recipient))
            }
        }
        return groups
    }
}
