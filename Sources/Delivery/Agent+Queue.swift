import Directory
import MIME
import MailAuth
public import MailCore
import MessageStore
import NIOCore
import OutboundQueue

extension Agent {
    /// To more recipients elsewhere a person's message goes like bulk.
    public static let personalRecipientsMax = 50

    /// What goes into the queue: one entry for those whom the message was sent to, and one for each domain of ours that
    /// forwards it.
    func entries(
        for message: StagedMessage, _ reversePath: ReversePath, _ destinations: Destinations, _ request: MessageRequest,
        _ origin: Origin, _ found: AuthenticationResults?
    ) async -> [QueueEntry] {
        guard !destinations.remote.isEmpty else { return [] }
        let priority = Self.priority(of: message, recipients: destinations.remote.count)
        var direct: [EmailAddress] = []
        var forwarded: [String: (alias: EmailAddress, recipients: [EmailAddress])] = [:]
        for recipient in destinations.remote {
            if let alias = destinations.remoteOriginals[recipient], alias != recipient, origin.kind == .exchange {
                forwarded[alias.domain, default: (alias, [])].recipients.append(recipient)
            } else {
                direct.append(recipient)
            }
        }
        // What was written here is signed when it leaves; what only passes through is not: it would be our word for
        // another's.
        var isOurs = origin.kind == .submission || origin.kind == .notice
        if request.isTrusted, await isAuthorOurs(message.message.header) { isOurs = true }
        func entry(_ path: ReversePath, _ recipients: [EmailAddress], _ options: QueueOptions) -> QueueEntry {
            QueueEntry(
                reversePath: path, recipients: recipients, options: options.text, needs: request.needs,
                priority: priority, notification: request.notification,
                recipientNotifications: notifications(request, destinations, recipients))
        }
        var entries: [QueueEntry] = []
        if !direct.isEmpty { entries.append(entry(reversePath, direct, QueueOptions(isOurs: isOurs))) }
        for (_, group) in forwarded.sorted(by: { $0.key < $1.key }) {
            let seal = found.map { Forwarding.seal($0, through: group.alias) }
            let path = await rewritten(reversePath, through: group.alias)
            entries.append(entry(path, group.recipients, QueueOptions(seal: seal)))
        }
        return entries
    }

    /// Its one author is of a domain of ours.
    private func isAuthorOurs(_ header: Header) async -> Bool {
        let authors = header.addresses("From", limit: 2).mailboxes
        guard authors.count == 1, let domain = authors.first?.address?.domain.lowercased() else { return false }
        return (try? await registry.isLocal(domain: domain)) == true
    }

    private func notifications(
        _ request: MessageRequest, _ destinations: Destinations, _ recipients: [EmailAddress]
    ) -> [EmailAddress: RecipientNotification] {
        var notifications: [EmailAddress: RecipientNotification] = [:]
        for remote in recipients {
            notifications[remote] = request.notification(
                for: remote, writtenTo: destinations.remoteOriginals[remote] ?? remote)
        }
        return notifications
    }

    /// A sender of ours needs no other name: we may send for him.
    private func rewritten(_ path: ReversePath, through alias: EmailAddress) async -> ReversePath {
        guard let forwarding, let sender = path.address else { return path }
        if (try? await registry.isLocal(domain: sender.domain)) == true { return path }
        return forwarding.reversePath(for: path, through: alias)
    }

    /// An address that we made for a forwarded message: what comes to it goes back to its sender.
    public func leadsBack(_ address: EmailAddress) -> Bool { forwarding?.original(of: address) != nil }

    /// A message of our own making, ready to be delivered.
    func stage(_ message: ByteBuffer) async throws(StoreError) -> StagedMessage { try await store.stage(message) }

    /// Bulk is what goes to many, or says of itself that it does (RFC 2369, RFC 2919, and the old Precedence).
    private static func priority(of message: StagedMessage, recipients: Int) -> QueuePriority {
        let header = message.message.header
        let precedence = header.text("Precedence")?.lowercased() ?? ""
        let isBulk =
            recipients > personalRecipientsMax || header.contains("List-Unsubscribe") || header.contains("List-Id")
            || precedence == "bulk" || precedence == "list" || precedence == "junk"
        return isBulk ? .bulk : .person
    }
}
