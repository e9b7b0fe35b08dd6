import Logging
import MailCore
import MessageStore
import Observation
import SMTP

extension Runner {
    /// Records what became of each recipient: done, again later, or told to the sender.
    func record(_ results: [RecipientResult], of consignment: Consignment) async {
        var done: [QueueKey] = []
        var later: [String: [QueuedRecipient]] = [:]
        var failed: [(QueuedRecipient, Reply)] = []
        for (recipient, result) in zip(consignment.recipients, results) {
            switch result {
            case .accepted(let reply):
                QueueCounters.delivered.increment()
                note("sent", recipient, reply)
                done.append(recipient.key)
            case .permanent(let reply): failed.append((recipient, reply))
            case .temporary(let reply):
                // RFC 5321 §4.5.4.1: given up when its time is over.
                if now() >= consignment.expiresAt {
                    failed.append((recipient, reply))
                } else {
                    note("deferred", recipient, reply)
                    later[reply.description, default: []].append(recipient)
                }
            }
        }
        do {
            try await store.finishQueue(done)
            for (reply, recipients) in later { try await reschedule(recipients, reply) }
            if !failed.isEmpty { try await giveUp(failed, consignment) }
        } catch {
            // Leased until its time is over, then tried again: twice rather than never.
            log.error("an attempt cannot be recorded", metadata: ["queue": "\(consignment.queueID)", "error": "\(error)"])
        }
    }

    private func reschedule(_ recipients: [QueuedRecipient], _ reply: String) async throws {
        QueueCounters.deferred.increment(by: recipients.count)
        let attempts = (recipients.map(\.attempts).min() ?? 0) + 1
        let delay = Backoff.delaySeconds(attempts: attempts, jitter: Double.random(in: 0...1))
        try await store.rescheduleQueue(recipients.map(\.key), at: now() + delay, lastReply: reply)
    }

    /// The notice is on disk before the recipients go: a crash between tells the sender twice, not never.
    private func giveUp(_ failed: [(QueuedRecipient, Reply)], _ consignment: Consignment) async throws {
        for (recipient, reply) in failed {
            QueueCounters.bounced.increment()
            note("failed", recipient, reply)
        }
        // RFC 5321 §4.5.5: a notice is never answered by a notice.
        if let sender = consignment.reversePath.address {
            let header = try await header(of: consignment.body)
            let notice = Bounce(
                hostname: options.hostname, sender: sender, arrivedAt: consignment.createdAt, writtenAt: now(),
                identifier: "\(consignment.queueID).\(now())", failures: failed.map { ($0.0.recipient, $0.1) },
                originalHeader: header)
            try await local.deliverNotice(try await store.stage(notice.message), to: sender)
        }
        try await store.finishQueue(failed.map(\.0.key))
    }

    private func note(_ what: Logger.Message, _ recipient: QueuedRecipient, _ reply: Reply) {
        log.info(
            what,
            metadata: [
                "queue": "\(recipient.key.queueID)", "recipient": "\(recipient.recipient)", "reply": "\(reply)",
                "attempt": "\(recipient.attempts + 1)",
            ])
    }
}

enum QueueCounters {
    static let delivered = Counter("postino_queue_sent_total", help: "Recipients whose next server took the message")
    static let deferred = Counter("postino_queue_deferred_total", help: "Attempts that are to be made again")
    static let bounced = Counter("postino_queue_failed_total", help: "Recipients that were given up")
}
