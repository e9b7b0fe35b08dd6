import Logging
import MailCore
import MessageStore
import Observation
import SMTP

extension Runner {
    /// A sender is told once of what waits for so long.
    static let delayedSeconds: Int64 = 4 * 3_600

    typealias Failed = (recipient: QueuedRecipient, reply: Reply)

    /// Records what became of each recipient: done, again later, or told to the sender.
    ///
    /// - Parameters:
    ///   - host: who said so.
    ///   - proof: how that server proved who it is, if it did; for the trace.
    ///   - tellsOfSuccess: the next server does not tell the sender when it has delivered the message, so that we say what
    ///     we know (RFC 3461 §5.2.2).
    func record(
        _ outcomes: [(consignment: Consignment, results: [RecipientResult])], by host: String? = nil,
        proof: String? = nil, tellsOfSuccess: Bool = false
    ) async {
        var done: [String: [QueueKey]] = [:]
        var later: [Delay: [QueueKey]] = [:]
        var failed: [(consignment: Consignment, recipients: [Failed])] = []
        var delayed: [(consignment: Consignment, recipients: [Failed])] = []
        let server = host.map { host in proof.map { "\(host), proven by \($0)" } ?? host }
        for (consignment, results) in outcomes {
            var (lost, late, sent): ([Failed], [Failed], [Failed]) = ([], [], [])
            for (recipient, result) in zip(consignment.recipients, results) {
                switch result {
                case .accepted(let reply):
                    QueueCounters.delivered.increment()
                    note("sent", recipient, reply)
                    done["\(reply)", default: []].append(recipient.key)
                    if tellsOfSuccess, recipient.notification.wantsSuccess { sent.append((recipient, reply)) }
                case .permanent(let reply): lost.append((recipient, reply))
                // RFC 5321 §4.5.4.1: given up when its time is over.
                case .temporary(let reply) where now() >= consignment.expiresAt: lost.append((recipient, reply))
                case .temporary(let reply):
                    QueueCounters.deferred.increment()
                    note("deferred", recipient, reply)
                    later[Delay(recipient, reply), default: []].append(recipient.key)
                    if isLate(recipient) { late.append((recipient, reply)) }
                }
            }
            if !lost.isEmpty { failed.append((consignment, lost)) }
            if !late.isEmpty { delayed.append((consignment, late)) }
            // What was taken is noted first: of all that can be lost here this is what would be sent twice.
            for (reply, keys) in done { await finish(keys, isSent: true, reply: reply, by: server) }
            done = [:]
            if !sent.isEmpty { await tellOfSuccess(sent, consignment, by: host) }
        }
        for (consignment, recipients) in failed {
            do {
                try await giveUp(recipients, consignment, by: host)
            } catch {
                // The sender must be told: the next attempt fails again, and tries this again.
                log.error(
                    "a bounce cannot be kept", metadata: ["queue": "\(consignment.queueID)", "error": "\(error)"])
                for (recipient, reply) in recipients {
                    later[Delay(recipient, reply), default: []].append(recipient.key)
                }
            }
        }
        for (consignment, recipients) in delayed { await tellOfDelay(recipients, consignment, by: host) }
        for (delay, keys) in later { await reschedule(keys, delay, by: host) }
        await keepTLSResults()
    }

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

    private func isLate(_ recipient: QueuedRecipient) -> Bool {
        recipient.delayToldAt == nil && recipient.notification.bearsDelay
            && now() - recipient.createdAt >= Self.delayedSeconds
    }

    private func reschedule(_ keys: [QueueKey], _ delay: Delay, by host: String?) async {
        let next = now() + Backoff.delaySeconds(attempts: delay.attempts, jitter: random())
        // The last attempt is when its time is over, and the sender learns of it then. What cannot be given up although it
        // is over, since no notice can be kept, does not come every second.
        let at = delay.expiresAt > now() ? min(next, delay.expiresAt) : next
        await persist { [store] () async throws(StoreError) in
            try await store.rescheduleQueue(keys, at: at, lastReply: delay.reply, by: host)
        }
    }

    private func finish(_ keys: [QueueKey], isSent: Bool, reply: String, by host: String?) async {
        await persist { [store] () async throws(StoreError) in
            try await store.finishQueue(keys, isSent: isSent, reply: reply, by: host)
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
    private func giveUp(_ failed: [Failed], _ consignment: Consignment, by host: String?) async throws {
        for (recipient, reply) in failed {
            QueueCounters.bounced.increment()
            note("failed", recipient, reply)
        }
        try await tell(.failed, failed.filter { $0.recipient.notification.wantsFailure }, consignment, by: host)
        await suppress(failed)
        let refused = Dictionary(grouping: failed) { "\($0.reply)" }
        for (reply, recipients) in refused {
            await finish(recipients.map(\.recipient.key), isSent: false, reply: reply, by: host)
        }
    }

    /// Addresses that surely do not exist are not written to by bulk mail for a while.
    private func suppress(_ failed: [Failed]) async {
        let dead = failed.compactMap { recipient, reply in
            Suppression(of: recipient.recipient.description, reply, now: now())
        }
        guard !dead.isEmpty else { return }
        do throws(StoreError) {
            try await store.suppress(dead)
        } catch {
            log.warning("a suppression cannot be kept", metadata: ["error": "\(error.diagnostic)"])
        }
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
    static let returned = Counter(
        "postino_queue_returned_total", help: "Recipients whose server took the message and returned it later")
    static let tlsVerified = Counter(
        "postino_tls_verified_total", help: "Connections to servers that proved who they are (DANE, MTA-STS)")
    static let tlsReports = Counter("postino_tls_reports_total", help: "Reports of TLS that were sent (RFC 8460)")
    static let tlsFailed = Counter("postino_tls_failed_total", help: "Attempts at TLS with other servers that failed")
}
