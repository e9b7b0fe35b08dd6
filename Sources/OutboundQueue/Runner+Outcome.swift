import Logging
import MailCore
import MessageStore
import Observation
import SMTP

extension Runner {
    /// Records what became of each recipient: done, again later, or told to the sender.
    func record(_ outcomes: [(consignment: Consignment, results: [RecipientResult])]) async {
        var done: [String: [QueueKey]] = [:]
        var later: [Delay: [QueueKey]] = [:]
        var failed: [(consignment: Consignment, recipients: [Failed])] = []
        for (consignment, results) in outcomes {
            var lost: [Failed] = []
            for (recipient, result) in zip(consignment.recipients, results) {
                switch result {
                case .accepted(let reply):
                    QueueCounters.delivered.increment()
                    note("sent", recipient, reply)
                    done["\(reply)", default: []].append(recipient.key)
                case .permanent(let reply): lost.append((recipient, reply))
                // RFC 5321 §4.5.4.1: given up when its time is over.
                case .temporary(let reply) where now() >= consignment.expiresAt: lost.append((recipient, reply))
                case .temporary(let reply):
                    QueueCounters.deferred.increment()
                    note("deferred", recipient, reply)
                    later[Delay(recipient, reply), default: []].append(recipient.key)
                }
            }
            if !lost.isEmpty { failed.append((consignment, lost)) }
        }
        // What was taken goes first: of all that can be lost here this is what would be sent twice.
        for (reply, keys) in done { await finish(keys, isSent: true, reply: reply) }
        for (consignment, recipients) in failed {
            do {
                try await tellSender(recipients, consignment)
                let refused = Dictionary(grouping: recipients) { "\($0.reply)" }
                for (reply, recipients) in refused {
                    await finish(recipients.map(\.recipient.key), isSent: false, reply: reply)
                }
            } catch {
                // The sender must be told: the next attempt fails again, and tries this again.
                log.error(
                    "a bounce cannot be kept", metadata: ["queue": "\(consignment.queueID)", "error": "\(error)"])
                for (recipient, reply) in recipients {
                    later[Delay(recipient, reply), default: []].append(recipient.key)
                }
            }
        }
        for (delay, keys) in later { await reschedule(keys, delay) }
    }

    typealias Failed = (recipient: QueuedRecipient, reply: Reply)

    /// What makes recipients be tried again together.
    private struct Delay: Hashable {
        var attempts: Int
        var reply: String
        var expiresAt: Int64

        init(_ recipient: QueuedRecipient, _ reply: Reply) {
            attempts = recipient.attempts + 1
            self.reply = reply.description
            expiresAt = recipient.expiresAt
        }
    }

    private func reschedule(_ keys: [QueueKey], _ delay: Delay) async {
        let next = now() + Backoff.delaySeconds(attempts: delay.attempts, jitter: random())
        // The last attempt is when its time is over, and the sender learns of it then.
        let at = max(min(next, delay.expiresAt), now() + 1)
        await persist { [store] () async throws(StoreError) in
            try await store.rescheduleQueue(keys, at: at, lastReply: delay.reply)
        }
    }

    private func finish(_ keys: [QueueKey], isSent: Bool, reply: String) async {
        await persist { [store] () async throws(StoreError) in
            try await store.finishQueue(keys, isSent: isSent, reply: reply)
        }
    }

    /// Tries until it is on disk, since what is not known to be sent is sent again.
    private func persist(_ write: @Sendable () async throws(StoreError) -> Void) async {
        var seconds = 1
        while true {
            do throws(StoreError) {
                return try await write()
            } catch {
                log.error("an attempt cannot be recorded", metadata: ["error": "\(error.diagnostic)"])
            }
            // Stopped meanwhile: after the next start it is tried again, twice rather than never.
            do { try await Task.sleep(for: .seconds(seconds)) } catch { return }
            seconds = min(seconds * 2, 60)
        }
    }

    /// The notice is on disk before the recipients go: a crash between tells the sender twice, not never.
    private func tellSender(_ failed: [Failed], _ consignment: Consignment) async throws {
        for (recipient, reply) in failed {
            QueueCounters.bounced.increment()
            note("failed", recipient, reply)
        }
        // RFC 5321 §4.5.5: a notice is never answered by a notice.
        guard let sender = consignment.reversePath.address else {
            log.warning("a notice could not be delivered and is dropped", metadata: ["queue": "\(consignment.queueID)"])
            return
        }
        let notice = Bounce(
            hostname: options.hostname,
            postmaster: options.postmaster ?? EmailAddress(localPart: "postmaster", domain: options.hostname),
            sender: sender, arrivedAt: consignment.createdAt, writtenAt: now(),
            identifier: "\(consignment.queueID).\(String(UInt64.random(in: 0...UInt64.max), radix: 36))",
            failures: failed.map { ($0.recipient.recipient, $0.reply) },
            originalHeader: await header(of: consignment.body))
        try await local.deliverNotice(try await store.stage(notice.message), to: sender)
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
