import Directory
import IMAP
import Logging
import MailCore
import MailCrypto
import Observation
import SASL

extension MailboxSession {
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
        do throws(DirectoryError) {
            let keys = try await services.registry.scramKeys(login: login)
            return .keys(SCRAMOffer(keys: keys, nonceOctets: Random.octets(18)))
        } catch {
            log.error("login cannot be checked", metadata: ["error": "\(error.diagnostic)"])
            return .done(error.completion)
        }
    }

    private func logIn(
        _ name: String, actingAs other: String?,
        _ check: (Registry) async throws(DirectoryError) -> Authentication
    ) async -> Engine.Answer {
        // RFC 4616 §2, RFC 5802 §5.1: acting for another is not offered.
        if let other, !other.isEmpty, other != name {
            return .done(.no(.authorizationFailed, "Acting for another is not offered"))
        }
        do throws(DirectoryError) {
            switch try await check(services.registry) {
            case .ok(let account):
                self.account = account
                IMAPCounters.logins.increment()
                log.info("login", metadata: ["account": "\(account.address)"])
                return .authenticated
            case .wrong:
                IMAPCounters.failedLogins.increment()
                log.notice("login failed", metadata: ["login": "\(name)"])
                return .done(.no(.authenticationFailed, "Wrong name or password"))
            case .disabled(let reason):
                log.notice("login of a closed account", metadata: ["login": "\(name)", "reason": "\(reason)"])
                return .done(.no(.contactAdmin, "This account is closed"))
            }
        } catch {
            log.error("login cannot be checked", metadata: ["error": "\(error.diagnostic)"])
            return .done(error.completion)
        }
    }
}
