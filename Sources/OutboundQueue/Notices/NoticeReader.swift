import Logging
public import MIME
public import MailCore
public import MessageStore
import Observation
import SMTP

/// Learns from notices that come in what servers refused after they had taken it, as from a reply of theirs.
///
/// Anybody can send a notice. One counts only if it comes to the reverse-path of a message that this server has sent, names
/// that message's Message-ID and a recipient that it went to, and only once: so nobody can have an address suppressed that
/// was not written to, and a recipient can only say of himself that he does not exist, or of one who got the same message.
public struct NoticeReader: Sendable {
    private static let log = Log.logger("queue")

    private let store: MessageStore

    public init(store: MessageStore) { self.store = store }

    /// - Parameters:
    ///   - message: came with the null reverse-path (RFC 3464 §2).
    ///   - addresses: to which it came.
    ///   - now: seconds since 1970.
    public func read(_ message: MIME.Message, to addresses: [EmailAddress], now: Int64) async {
        guard let report = DeliveryReport(message), let messageID = report.messageID else { return }
        for recipient in report.recipients where recipient.action == "failed" && recipient.status.hasPrefix("5.") {
            for address in addresses.prefix(10) { await take(recipient, report, messageID, address, now) }
        }
    }

    private func take(
        _ recipient: DeliveryReport.Recipient, _ report: DeliveryReport, _ messageID: String, _ sender: EmailAddress,
        _ now: Int64
    ) async {
        let reply = Self.reply(recipient)
        // As we wrote it (ORCPT), or as it was where it ended.
        let names = [recipient.originalRecipient, recipient.finalRecipient].compactMap { $0?.lowercased() }
        for name in Set(names) {
            let returned = ReturnedDelivery(
                recipient: name, reversePath: "\(sender)".lowercased(), messageID: messageID,
                arrivedAt: report.arrivedAt, reply: "\(reply)")
            do throws(StoreError) {
                guard try await store.noteReturned(returned) else { continue }
                Self.log.info("returned by a notice", metadata: ["recipient": "\(name)", "reply": "\(reply)"])
                QueueCounters.returned.increment()
                if let suppression = Suppression(of: name, reply, now: now) { try await store.suppress([suppression]) }
            } catch {
                Self.log.warning("a notice cannot be read", metadata: ["error": "\(error.diagnostic)"])
            }
            return
        }
    }

    /// What the server said, as if to us.
    private static func reply(_ recipient: DeliveryReport.Recipient) -> Reply {
        var words = (recipient.diagnostic ?? "").split(separator: " ")[...]
        let code = words.first.flatMap { Int($0.prefix(3)) }.flatMap { (500...599).contains($0) ? $0 : nil }
        if code != nil { words = words.dropFirst() }
        if words.first.map({ $0.hasPrefix("5.") }) == true { words = words.dropFirst() }
        let text = words.prefix(50).joined(separator: " ")
        return Reply(code ?? 550, recipient.status, DeliveryStatus.plain(String(text.prefix(500))))
    }
}

extension Suppression {
    /// Nil when the reply does not blame the address.
    init?(of address: String, _ reply: Reply, now: Int64) {
        let reason = BounceReason(reply)
        guard let seconds = reason.suppressedSeconds else { return nil }
        self.init(
            address: address, since: now, expiresAt: now + seconds, reason: reason.rawValue, detail: "\(reply)")
    }
}
