import Logging
import MailCore
import MessageStore
import Observation
import POP3

extension MaildropSession {
    /// The UPDATE state (RFC 1939 §6): the messages are off the mailbox, on disk, when this returns; then the lock is
    /// free. What another session expunged before counts as removed.
    func commit(_ indexes: [Int]) async -> Engine.Answer {
        defer { leave() }
        await recordFetches()
        guard !indexes.isEmpty else { return .done }
        guard let maildrop else { return .failed(.temporary) }
        var uids = UIDRuns()
        for index in indexes {
            guard let uid = maildrop.uid(index) else { return .failed(.temporary) }
            uids.append(uid)
        }
        do {
            let due = try await leave(uids, of: maildrop)
            let removed = try await store.expunge(
                mailbox: maildrop.mailbox, uids: due.ranges, onlyDeleted: false, actor: "pop3")
            let count = removed.reduce(0) { $0 + $1.count }
            POP3Counters.deleted.increment(by: count)
            log.info(
                "messages removed",
                metadata: ["asked": "\(uids.count)", "removed": "\(count)", "left": "\(uids.count - due.count)"])
            return .done
        } catch {
            return failed("removing messages", error)
        }
    }

    /// What was fetched is noted once, at the end: a client that takes thousands costs one transaction for a thousand.
    func recordFetches() async {
        guard let maildrop, !maildrop.fetched.isEmpty else { return }
        self.maildrop?.fetched = []
        var uids = UIDRuns()
        for index in maildrop.fetched.sorted() { if let uid = maildrop.uid(index) { uids.append(uid) } }
        do {
            try await store.recordPOP3Fetches(of: uids, mailbox: maildrop.mailbox, account: maildrop.account)
        } catch {
            log.error("fetches cannot be noted", metadata: ["error": "\(error.diagnostic)"])
        }
    }
}
