import Logging
import MIME
import MailCore
import MessageStore
import NIOCore

extension Runner {
    /// Of a message header at most so much goes into a notice.
    private static let headerOctetsMax = 65_536
    /// RET=FULL is honoured up to here (RFC 3461 §6.2 lets a server return less).
    private static let wholeOctetsMax = 1 << 20

    /// RFC 5321 §4.5.5: a notice is never answered by a notice; its end is in its trail.
    func tell(_ kind: Bounce.Kind, _ told: [Failed], _ consignment: Consignment, by host: String?) async throws {
        guard let sender = consignment.reversePath.address else {
            log.notice("a notice could not be delivered", metadata: ["queue": "\(consignment.queueID)"])
            return
        }
        guard !told.isEmpty else { return }
        let notice = Bounce(
            kind: kind, hostname: options.hostname,
            postmaster: postmaster, sender: sender, arrivedAt: consignment.createdAt, writtenAt: now(),
            identifier: "\(consignment.queueID).\(String(UInt64.random(in: 0...UInt64.max), radix: 36))",
            envelopeID: consignment.notification.envelopeID, remoteHost: host,
            fates: told.map {
                .init(
                    recipient: $0.recipient.recipient, reply: $0.reply, original: $0.recipient.notification.original)
            },
            returned: await returned(consignment, kind))
        // RFC 8689 §5: a notice is protected as the message was.
        try await local.deliverNotice(
            notice.message, to: sender, needs: consignment.needs.intersection(.requireTLS))
    }

    /// Once for each recipient; the note of it is written first, since to be told often is worse than never of a delay.
    func tellOfDelay(_ late: [Failed], _ consignment: Consignment, by host: String?) async {
        guard consignment.reversePath.address != nil else { return }
        do {
            try await store.noteDelayTold(late.map(\.recipient.key), at: now())
            try await tell(.delayed(until: consignment.expiresAt), late, consignment, by: host)
        } catch {
            log.error("a notice of a delay cannot be kept", metadata: ["error": "\(error)"])
        }
    }

    func tellOfSuccess(_ sent: [Failed], _ consignment: Consignment, by host: String?) async {
        do {
            try await tell(.relayed, sent, consignment, by: host)
        } catch {
            log.error("a notice of success cannot be kept", metadata: ["error": "\(error)"])
        }
    }

    /// RFC 3461 §4.3: the whole only when it was asked for and failed. Nothing when it cannot be read: that must not keep
    /// the notice from its sender.
    private func returned(_ consignment: Consignment, _ kind: Bounce.Kind) async -> Bounce.Returned {
        let octets = consignment.body.octetCount
        do throws(StoreError) {
            // RFC 8689 §5: what must not go without TLS does not come back whole, whatever RET says.
            let mayBeWhole = consignment.notification.returned == .full && !consignment.needs.contains(.requireTLS)
            if case .failed = kind, mayBeWhole, octets <= Self.wholeOctetsMax {
                return .whole(try await store.octets(of: consignment.body, range: nil))
            }
            let first = try await store.octets(of: consignment.body, range: 0..<min(octets, Self.headerOctetsMax))
            return .header(Header(parsing: first).lines(notNamed: []))
        } catch {
            log.error("the header of a queued message cannot be read", metadata: ["error": "\(error.diagnostic)"])
            return .header(ByteBuffer())
        }
    }
}
