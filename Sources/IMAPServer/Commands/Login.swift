import Directory
import IMAP
import Logging
import MailCore
import Observation
import SASL

extension MailboxSession {
    func authenticate(_ credentials: Credentials) async -> Engine.Answer {
        // RFC 4616 §2: acting for another is not offered.
        if let other = credentials.authorizationIdentity, !other.isEmpty, other != credentials.authenticationIdentity {
            return .done(.no(.authorizationFailed, "Acting for another is not offered"))
        }
        let name = credentials.authenticationIdentity
        do throws(DirectoryError) {
            switch try await services.registry.authenticate(login: name, password: credentials.password) {
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
