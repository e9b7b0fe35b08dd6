import Directory
import Logging
import MIME
import MailCore
import MessageStore
import Observation
import SMTP

/// What is asked of a finished message before the filter: that it does not go round, and that it is its sender's to send.
extension MailSession {
    /// RFC 5321 §6.3: at least 100.
    static let hopsMax = 100

    /// - Returns: nil when it may go on.
    func refusal(of message: StagedMessage, _ recipients: [EmailAddress]) async throws -> Reply? {
        let header = message.message.header
        // Our own line is among them.
        guard header.all("Received").count <= Self.hopsMax else {
            return Reply(554, "5.4.6", "Too many hops: this message goes round")
        }
        guard role == .submission, let account else { return nil }
        // A field behind the bound of what was looked at would be seen by others and not by us.
        guard !header.isCut, message.facts.headerOctets <= Self.headOctets else {
            return Reply(550, "5.6.0", "The header is too long")
        }
        if services.submission.checksFrom, let refusal = try await refusal(of: header, account) { return refusal }
        return try await excess(account, recipients)
    }

    /// From and Sender, all their addresses, must be the account's own or granted (RFC 6409 §6.1, RFC 5322 §3.6.2).
    private func refusal(of header: Header, _ account: Account) async throws -> Reply? {
        guard header.all("From").count == 1, header.all("Sender").count <= 1 else {
            return Reply(550, "5.6.0", "One From and at most one Sender are wanted (RFC 5322 3.6)")
        }
        for name in ["From", "Sender"] {
            let list = header.addresses(name)
            let mailboxes = list.mailboxes
            // "ann@here bob@elsewhere" is ann for us, and may be bob for the next reader.
            guard !list.hasRemains, !mailboxes.isEmpty || !header.contains(name) else {
                return Reply(550, "5.6.0", "\(name) cannot be read")
            }
            for mailbox in mailboxes {
                guard let address = mailbox.address, let domain = EmailAddress.asciiDomain(address.domain) else {
                    return Reply(550, "5.6.0", "\(name) cannot be read")
                }
                let owned = EmailAddress(localPart: address.localPart, domain: domain)
                guard try await services.registry.maySend(as: owned, account: account.id) else {
                    return Reply(550, "5.7.1", "\(account.address) may not send as \(owned) (\(name))")
                }
            }
        }
        return nil
    }

    private func excess(_ account: Account, _ recipients: [EmailAddress]) async throws(DirectoryError) -> Reply? {
        let excess = try await services.registry.countSending(
            account.id, to: recipients, limits: services.submission.limits, unixSeconds: services.now())
        guard let excess else { return nil }
        SMTPCounters.capped.increment()
        log.warning(
            "account sends too much",
            metadata: ["account": "\(account.address)", "limit": "\(excess.max) \(excess.unit.rawValue)"])
        let time = excess.hours == 1 ? "an hour" : "a day"
        return Reply(450, "4.7.1", "You may write \(excess.max) \(excess.unit.rawValue) in \(time), try again later")
    }

    /// The message was not taken after all.
    func uncount(_ recipients: [EmailAddress]) async {
        guard role == .submission, let account else { return }
        do throws(DirectoryError) {
            try await services.registry.uncountSending(
                account.id, to: recipients, limits: services.submission.limits, unixSeconds: services.now())
        } catch {
            log.error("what was sent cannot be counted", metadata: ["error": "\(error.diagnostic)"])
        }
    }
}
