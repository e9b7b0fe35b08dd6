import DNS
import Delivery
import Directory
import Logging
import MailCore
import MailCrypto
import MessageStore
import Observation
import SASL
import SMTP

extension MailSession {
    func authenticate(_ credentials: Credentials) async -> Engine.Answer {
        let name = credentials.authenticationIdentity
        return await logIn(name, actingAs: credentials.authorizationIdentity) { registry throws(DirectoryError) in
            try await registry.authenticate(login: name, password: credentials.password)
        }
    }

    func admit(_ claim: SCRAMClaim) async -> Engine.Answer {
        let name = claim.authenticationIdentity
        return await logIn(name, actingAs: claim.authorizationIdentity) { registry throws(DirectoryError) in
            try await registry.authenticate(login: name, keys: claim.keys, isProven: claim.isProven)
        }
    }

    func findKeys(_ login: String) async -> Engine.Answer {
        do {
            let keys = try await services.registry.scramKeys(login: login)
            return .keys(SCRAMOffer(keys: keys, nonceOctets: Random.octets(18)))
        } catch {
            log.error("login cannot be checked", metadata: ["error": "\(error.diagnostic)"])
            return .reply(error.smtpReply)
        }
    }

    private func logIn(
        _ name: String, actingAs other: String?,
        _ check: (Registry) async throws(DirectoryError) -> Authentication
    ) async -> Engine.Answer {
        // RFC 4616 §2, RFC 5802 §5.1: acting for another is not offered.
        if let other, !other.isEmpty, other != name { return .authenticationFailed }
        do {
            switch try await check(services.registry) {
            case .ok(let account):
                self.account = account
                log.info("login", metadata: ["account": "\(account.address)"])
                return .authenticated(login: account.address.description)
            case .wrong:
                SMTPCounters.failedLogins.increment()
                log.notice("login failed", metadata: ["login": "\(name)"])
                return .authenticationFailed
            case .disabled(let reason):
                log.notice("login of a closed account", metadata: ["login": "\(name)", "reason": "\(reason)"])
                // RFC 4954 §6: 535 says no more than it must.
                return .reply(Reply(535, "5.7.8", "This account is closed"))
            }
        } catch {
            log.error("login cannot be checked", metadata: ["error": "\(error.diagnostic)"])
            return .reply(error.smtpReply)
        }
    }

    func checkSender(_ envelope: Envelope) async -> Engine.Answer {
        transactions += 1
        self.envelope = envelope
        // Before its octets are sent in vain (RFC 5321 §4.2.2: 452).
        guard services.store.hasRoom else { return refused("MAIL", StoreError.diskFull.smtpReply) }
        if let stranger, !services.clients.mayBegin(stranger) {
            SMTPCounters.limited.increment()
            return refused("MAIL", Reply(451, "4.7.1", "Too many messages from your address, try again later"))
        }
        // RFC 8098 §3: notes of having read a message come from people, with the null path.
        guard let address = envelope.reversePath.address else { return .accepted }
        if role == .submission {
            guard let account else { return .reply(Reply(530, "5.7.0", "Authentication required")) }
            do {
                // RFC 6409 §6.1: a sender that is not the account's own is refused here.
                if try await services.registry.maySend(as: address, account: account.id) { return .accepted }
            } catch {
                return refused("MAIL", error.smtpReply)
            }
            return refused("MAIL", Reply(553, "5.7.1", "\(account.address) may not send as \(address)"))
        }
        // By LMTP the other server has asked that already.
        return role == .lmtp ? .accepted : await checkSenderDomain(address)
    }

    /// A domain that surely cannot receive an answer is refused (RFC 7505 §4.2); one that cannot be looked up is not.
    private func checkSenderDomain(_ address: EmailAddress) async -> Engine.Answer {
        guard !address.domain.hasPrefix("[") else { return .accepted }
        // Our own take answers whatever the DNS says of them: a house may have names that only it knows.
        if (try? await services.registry.isLocal(domain: address.domain)) == true { return .accepted }
        switch await services.resolver.mailExchangers(of: address.domain) {
        case .nullMX: return refused("MAIL", Reply(550, "5.7.27", "Domain of sender does not accept mail"))
        case .nameError: return refused("MAIL", Reply(550, "5.1.8", "Domain of sender does not exist"))
        case .hosts, .none, .temporaryFailure: return .accepted
        }
    }
}
