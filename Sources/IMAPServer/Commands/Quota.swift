import Directory
import IMAP
import MailCore
import MessageStore
import NIOCore
import Transport

/// RFC 9208: an account has one quota root for all its mailboxes. One's own has the empty name, that of another who shares
/// a mailbox the other's address: what is put there counts there.
extension MailboxSession {
    func quotaRoot(_ name: MailboxName, _ responses: ResponseStream) async throws -> Engine.Answer {
        let place = try await place(name, .read)
        let root = place.isOwn ? "" : SharedName(place.name).map { "\($0.owner)" } ?? ""
        var output = ByteBuffer()
        output.writeQuotaRoot(place.name, root: root, utf8: features.usesUTF8)
        output.writeQuota(root: root, try await resources(of: place.row.account))
        try await send(output, responses)
        return .done(.ok)
    }

    func quota(_ root: String, _ responses: ResponseStream) async throws -> Engine.Answer {
        let account = if root.isEmpty { try owner() } else { try await sharer(root) }
        var output = ByteBuffer()
        output.writeQuota(root: root, try await resources(of: account))
        try await send(output, responses)
        return .done(.ok)
    }

    /// Whoever may read a mailbox may know how full its account is.
    private func sharer(_ root: String) async throws -> AccountID {
        if let address = EmailAddress(root), let account = try await services.registry.account(address)?.account.id,
            try await places().contains(where: { $0.row.account == account && $0.rights.contains(.read) })
        {
            return account
        }
        throw Refusal(.no(.nonExistent, "There is no such quota root"))
    }

    private func resources(of account: AccountID) async throws -> [QuotaResource] {
        let state = try await store.quotaState(of: account)
        let (usage, quota) = (state.usage, state.quota)
        var resources: [QuotaResource] = []
        if quota.octetsMax > 0 {
            // §5.1: in units of 1,024 octets; a begun one counts as used, and not as allowed.
            resources.append(
                QuotaResource(
                    .storage, used: UInt64(clamping: (usage.octets &+ 1_023) / 1_024),
                    limit: UInt64(clamping: quota.octetsMax / 1_024)))
        }
        if quota.messagesMax > 0 {
            resources.append(
                QuotaResource(
                    .message, used: UInt64(clamping: usage.messages), limit: UInt64(clamping: quota.messagesMax)))
        }
        return resources
    }
}
