import IMAP
import MessageStore
import NIOCore
import Transport

/// RFC 9208: an account has one quota root, with the empty name, for all its mailboxes.
extension MailboxSession {
    func quotaRoot(_ name: MailboxName, _ responses: ResponseStream) async throws -> Engine.Answer {
        _ = try await store.mailbox(of: try owner(), named: name.text)
        var output = ByteBuffer()
        output.writeQuotaRoot(name, root: "", utf8: features.usesUTF8)
        output.writeQuota(root: "", try await resources())
        try await send(output, responses)
        return .done(.ok)
    }

    func quota(_ root: String, _ responses: ResponseStream) async throws -> Engine.Answer {
        guard root.isEmpty else { throw Refusal(.no(.nonExistent, "There is no such quota root")) }
        var output = ByteBuffer()
        output.writeQuota(root: root, try await resources())
        try await send(output, responses)
        return .done(.ok)
    }

    private func resources() async throws -> [QuotaResource] {
        let state = try await store.quotaState(of: try owner())
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
