import Delivery
import Filter
import Logging
import MIME
import MailCore
import MessageStore
import OutboundQueue
import SMTP

/// What a message that was taken sets off: notices of success, and what its own notice says.
extension MailSession {
    /// NOTIFY=SUCCESS for mailboxes of ours (RFC 3461 §4.1). Before the 250, so that a crash between makes its sender send
    /// again, and not wait in vain.
    ///
    /// Not for what went to Junk: a forged sender would get notices of what he never sent (RFC 3834 §4).
    func tellOfDelivery(
        _ message: StagedMessage, _ request: MessageRequest, _ destinations: Destinations, _ verdict: Verdict,
        _ envelope: Envelope
    ) async {
        guard let sender = envelope.reversePath.address else { return }
        var told: [(address: EmailAddress, original: String?)] = []
        for local in destinations.local {
            guard let wish = request.recipients[local.original], wish.wantsSuccess,
                !told.contains(where: { $0.address == local.original }),
                !(verdict.isExamined && verdict.action(for: local.account).isForJunk)
            else { continue }
            told.append((local.original, wish.original))
        }
        guard !told.isEmpty else { return }
        let notice = SuccessNotice(
            hostname: services.hostname,
            postmaster: EmailAddress(localPart: "postmaster", domain: services.hostname), sender: sender,
            recipients: told, envelopeID: request.notification.envelopeID, writtenAt: services.now(),
            header: message.message.header)
        do {
            try await services.delivery.deliverNotice(
                notice.message, to: sender, needs: request.needs.intersection(.requireTLS))
        } catch {
            log.error("a notice of success cannot be kept", metadata: ["id": "\(identifier)", "error": "\(error)"])
        }
    }

    /// A notice of another server is read like its reply would have been.
    func learn(from message: StagedMessage, _ envelope: Envelope) async {
        guard role != .submission, envelope.reversePath.address == nil else { return }
        await NoticeReader(store: services.store).read(
            message.message, to: envelope.recipients.map(address), now: services.now())
    }
}
