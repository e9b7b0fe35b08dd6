import Delivery
import Directory
import Logging
import MailCore
import MessageStore
import Observation
import SMTP

/// RCPT: every refusal is said here and not later, so that no notice goes to a sender who may be forged.
extension MailSession {
    func checkRecipient(_ recipient: Recipient, _ envelope: Envelope) async -> Engine.Answer {
        if let stranger, !services.clients.mayName(stranger) {
            SMTPCounters.limited.increment()
            return refused("RCPT", Reply(451, "4.7.1", "Too many recipients from your address, try again later"))
        }
        do {
            if let refusal = try await refusal(of: recipient, envelope) {
                if refusal.enhancedCode == "5.1.1" { await slowDown() }
                return refused("RCPT", refusal)
            }
        } catch let error as DirectoryError {
            log.error("recipient cannot be looked up", metadata: ["error": "\(error.diagnostic)"])
            return .reply(error.smtpReply)
        } catch {
            log.error("recipient's quota cannot be looked up", metadata: ["error": "\(error)"])
            return .reply(StoreError.busy.smtpReply)
        }
        var known = envelope
        known.recipients.append(recipient)
        self.envelope = known
        return .accepted
    }

    /// A stranger who names one unknown mailbox after another waits longer and longer for the answer.
    private func slowDown() async {
        guard let stranger else { return }
        let seconds = services.clients.guessed(stranger)
        if seconds > 0 { await services.pause(seconds) }
    }

    /// - Returns: nil when the recipient may be written to.
    private func refusal(of recipient: Recipient, _ envelope: Envelope) async throws -> Reply? {
        let resolution =
            switch recipient.path {
            case .address(let address): try await services.registry.resolve(address)
            case .postmaster: try await services.registry.resolvePostmaster()
            }
        switch resolution {
        case .account(let id, _):
            // RFC 5321 §4.5.1: mail to the postmaster is taken in any case.
            return isPostmaster(recipient) ? nil : try await fullness(of: id, envelope)
        case .forwarding(let id, _, _, let keepsCopy): return keepsCopy ? try await fullness(of: id, envelope) : nil
        // RFC 3463 X.2.1.
        case .refused(_, let reason): return Reply(550, "5.2.1", "Mailbox closed: \(reason)")
        case .forward: return try await deadEnd(recipient)
        case .membersOnly(let members):
            // RFC 3463 X.7.2.
            guard try await isMember(envelope, of: members) else {
                return Reply(550, "5.7.2", "Only members may write to this list")
            }
            return try await deadEnd(recipient)
        case .unknownMailbox:
            // But for the way back of bounces of what was sent on from here.
            let isOurs = services.delivery.leadsBack(address(recipient))
            return isOurs ? nil : Reply(550, "5.1.1", "No such mailbox here")
        case .notLocal:
            // By LMTP another server delivers to us; it has its own ways to the world (RFC 2033 §5).
            let mayRelay = role != .lmtp && (account != nil || isTrusted)
            return mayRelay ? nil : Reply(550, "5.7.1", "Relaying denied")
        }
    }

    private func isPostmaster(_ recipient: Recipient) -> Bool {
        recipient.address?.localPart.lowercased() ?? "postmaster" == "postmaster"
    }

    /// Here and not after DATA, where the message would have to be taken or refused for all.
    private func fullness(of account: AccountID, _ envelope: Envelope) async throws -> Reply? {
        guard try await services.store.isFull(account, forOctets: envelope.parameters.sizeOctets ?? 1) else {
            return nil
        }
        return StoreError.overQuota(usedOctets: 0, limitOctets: 0).smtpReply
    }

    /// An alias that leads to nobody is no address.
    private func deadEnd(_ recipient: Recipient) async throws -> Reply? {
        let destinations = try await services.delivery.destinations(of: [address(recipient)])
        return destinations.isEmpty ? Reply(550, "5.1.1", "Nobody gets mail to this address any more") : nil
    }

    /// One of our people is a member by login; somebody elsewhere by the reverse-path, which can be forged: a list that must
    /// not be written to from outside has local members only.
    private func isMember(_ envelope: Envelope, of members: [EmailAddress]) async throws -> Bool {
        if let account { return try await services.registry.isMember(account.id, of: members) }
        guard let sender = envelope.reversePath.address else { return false }
        guard try await !services.registry.isLocal(domain: sender.domain) else { return false }
        return members.contains {
            $0.domain == sender.domain && $0.localPart.lowercased() == sender.localPart.lowercased()
        }
    }
}
