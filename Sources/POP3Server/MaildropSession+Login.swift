import Directory
import Logging
import MailCore
import MailCrypto
import MessageStore
import NIOCore
import Observation
import POP3
import SASL
import Transport

extension MaildropSession {
    /// Rows of one read of the listing: more of them would hold up the event loop.
    private static let rowsMax = 5_000

    func authenticate(_ credentials: Credentials, _ responses: ResponseStream) async -> Engine.Answer {
        let name = credentials.authenticationIdentity
        return await logIn(name, actingAs: credentials.authorizationIdentity, responses) {
            registry throws(DirectoryError) in
            try await registry.authenticate(login: name, password: credentials.password)
        }
    }

    func admit(_ claim: SCRAMClaim, _ responses: ResponseStream) async -> Engine.Answer {
        let name = claim.authenticationIdentity
        return await logIn(name, actingAs: claim.authorizationIdentity, responses) { registry throws(DirectoryError) in
            try await registry.authenticate(login: name, keys: claim.keys, isProven: claim.isProven)
        }
    }

    func findKeys(_ login: String) async -> Engine.Answer {
        do {
            let keys = try await services.registry.scramKeys(login: login)
            return .keys(SCRAMOffer(keys: keys, nonceOctets: Random.octets(18)))
        } catch {
            log.error("login cannot be checked", metadata: ["error": "\(error.diagnostic)"])
            return .failed(error.failure)
        }
    }

    private func logIn(
        _ name: String, actingAs other: String?, _ responses: ResponseStream,
        _ check: (Registry) async throws(DirectoryError) -> Authentication
    ) async -> Engine.Answer {
        // RFC 4616 §2, RFC 5802 §5.1: acting for another is not offered.
        if let other, !other.isEmpty, other != name { return .failed(.credentials) }
        do {
            switch try await check(services.registry) {
            case .ok(let account): return await open(account, responses)
            case .wrong:
                POP3Counters.failedLogins.increment()
                log.notice("login failed", metadata: ["login": "\(name)"])
                return .failed(.credentials)
            case .disabled(let reason):
                log.notice("login of a closed account", metadata: ["login": "\(name)", "reason": "\(reason)"])
                // RFC 3206 §4: [AUTH] is also for an account that may not log in.
                return .failed(.credentials)
            }
        } catch {
            log.error("login cannot be checked", metadata: ["error": "\(error.diagnostic)"])
            return .failed(error.failure)
        }
    }

    /// Takes the lock and lists INBOX.
    private func open(_ account: Account, _ responses: ResponseStream) async -> Engine.Answer {
        guard !isClosed else { return .failed(.temporary) }
        let access: POP3Access
        do {
            access = try await services.registry.pop3Access(of: account.id)
        } catch {
            log.error("login cannot be checked", metadata: ["error": "\(error.diagnostic)"])
            return .failed(error.failure)
        }
        guard access.isOn else {
            log.notice("login where POP3 is switched off", metadata: ["account": "\(account.address)"])
            return .failed(.switchedOff)
        }
        let now = services.now()
        guard services.locks.mayLogIn(account.id, now: now, delaySeconds: services.loginDelaySeconds) else {
            return .failed(.loginDelay)
        }
        let claim = services.locks.claim(account.id)
        self.claim = claim
        guard await claim.take(), await isThere(responses) else {
            leave()
            POP3Counters.busyLogins.increment()
            log.info("maildrop in use", metadata: ["account": "\(account.address)"])
            return .failed(.inUse)
        }
        do {
            let (maildrop, sizes) = try await list(account.id, access, claim)
            guard !isClosed else { return .failed(.temporary) }
            self.maildrop = maildrop
            POP3Counters.logins.increment()
            log.info("login", metadata: ["account": "\(account.address)", "messages": "\(sizes.count)"])
            return .maildrop(Maildrop(sizes: sizes))
        } catch {
            leave()
            return failed("listing", error)
        }
    }

    /// Who waited for the lock may have gone meanwhile.
    private func isThere(_ responses: ResponseStream) async -> Bool {
        do {
            try await responses.write { _ in }
            return !isClosed
        } catch {
            return false
        }
    }

    private func list(
        _ account: AccountID, _ access: POP3Access, _ claim: MaildropLocks.Claim
    ) async throws(StoreError) -> (OpenMaildrop, [UInt32]) {
        let inbox = try await store.mailbox(of: account, named: "INBOX")
        try await removeLeft(in: inbox.id, access)
        let notice = ChangeNotice(inbox.id, store.hub)
        var uids = UIDRuns()
        var sizes: [UInt32] = []
        sizes.reserveCapacity(max(0, inbox.messages))
        var first: UInt32 = 1
        while true {
            let rows = try await store.summaries(
                of: inbox.id, uids: first...UInt32.max, limit: Self.rowsMax,
                matching: FlagFilter(clear: .pop3Deleted))
            for row in rows {
                uids.append(row.uid)
                sizes.append(UInt32(clamping: row.size))
            }
            guard rows.count == Self.rowsMax, let last = rows.last?.uid.rawValue, last < .max else { break }
            first = last + 1
        }
        let maildrop = OpenMaildrop(
            claim: claim, account: account, mailbox: inbox.id, access: access, uidValidity: inbox.uidValidity,
            uids: uids,
            notice: notice)
        return (maildrop, sizes)
    }
}
