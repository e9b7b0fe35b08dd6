import Directory
import IMAP
import Logging
import MailCore
import MessageStore
import NIOCore
import Observation

extension MailboxSession {
    /// Octets of a message that is too long for memory go to a file.
    func spool(_ octets: ByteBuffer) async -> Engine.Answer {
        do throws(StoreError) {
            let current: Spool
            if let spool { current = spool } else { current = try store.makeSpool() }
            spool = current
            try await current.append(octets)
            return .continued
        } catch {
            spool = nil
            if error.isOurs { log.error("message cannot be spooled", metadata: ["error": "\(error.diagnostic)"]) }
            return .done(error.completion)
        }
    }

    /// RFC 3501 §6.3.11, RFC 4315 §3.
    func append(_ append: Append) async throws -> Engine.Answer {
        defer { spool = nil }
        let account = try owner()
        let mailbox: MailboxRow
        do throws(StoreError) {
            mailbox = try await store.mailbox(of: account, named: append.mailbox.text)
        } catch {
            throw Refusal(error.completionForDestination)
        }
        guard mailbox.isSelectable else { throw Refusal(.no(.tryCreate, "This name only holds other names")) }
        let flags = try await bits(of: append.flags, account: account, makesKeywords: true)
        guard store.hasRoom else { throw StoreError.diskFull }
        let message =
            switch append.body {
            case .memory(let octets): try await store.stage(octets)
            case .spooled: try await store.stage(try spooled())
            }
        let date = append.internalDate ?? InternalDate(secondsSince1970: services.now())
        let (validity, uid) = try await store.append(
            message, account: account, mailbox: mailbox.id, flags: flags, internalDate: date.secondsSince1970,
            zoneMinutes: date.zoneMinutes,
            origin: Origin(.append, session: "\(facts.identifier)", client: facts.remote.host))
        IMAPCounters.appended.increment()
        return .done(.ok(.appendUID(validity, uid)))
    }

    private func spooled() throws(StoreError) -> Spool {
        guard let spool else { throw .storage(operation: "append", detail: "nothing was spooled") }
        return spool
    }

    /// The bits of a client's flags.
    ///
    /// - Parameter makesKeywords: false leaves names away that no message has had yet.
    func bits(of list: FlagList, account: AccountID, makesKeywords: Bool) async throws(StoreError) -> Flags {
        guard !list.keywords.isEmpty else { return list.fixed }
        var keywords: Keywords
        if let selected { keywords = selected.flags.keywords } else { keywords = try await store.keywords(of: account) }
        if list.keywords.contains(where: { keywords.flag(named: $0) == nil }) {
            keywords =
                makesKeywords
                ? try await store.makeKeywords(list.keywords, account: account) : try await store.keywords(of: account)
        }
        return list.keywords.reduce(into: list.fixed) { flags, name in
            if let flag = keywords.flag(named: name) { flags.insert(flag) }
        }
    }
}
