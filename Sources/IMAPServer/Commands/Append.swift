import Directory
import IMAP
import Logging
import MailCore
import MessageStore
import NIOCore
import Observation
import Transport

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

    /// RFC 3501 §6.3.11, RFC 4315 §3; with those that were staged before all or none (RFC 3502).
    func append(_ append: Append, _ responses: ResponseStream) async throws -> Engine.Answer {
        let before = staged
        staged = []
        if let replaced = append.replaces {
            try requireSelected([.markDeleted, .expunge])
            let place = try await destination(append.mailbox)
            return try await replace(replaced, by: try await ready(append, place), in: place, responses)
        }
        // One's own is looked up by the transaction itself: a read before it would cost as much again.
        let place: Place? =
            if SharedName.contains(append.mailbox) { try await destination(append.mailbox) } else { nil }
        let account = try place?.row.account ?? owner()
        let messages = before + [try await ready(append, place)]
        let target: LocalCopy.Target = if let place { .mailbox(place.row.id) } else { .named(append.mailbox.text) }
        do throws(StoreError) {
            let (validity, uids) = try await store.append(messages, account: account, to: target, origin: origin)
            IMAPCounters.appended.increment(by: uids.count)
            return .done(
                .ok(uids.count == 1 ? .appendUID(validity, uids[0]) : .appendUIDs(validity, uids)))
        } catch {
            if error.isOurs { log.error("append failed", metadata: ["error": "\(error.diagnostic)"]) }
            if error == .keywordsChanged { try await tellKeywords(responses) }
            throw Refusal(error.completionForDestination)
        }
    }

    /// For the trails of appended messages.
    var origin: Origin {
        Origin(
            .append, session: "\(facts.identifier)", client: facts.remote.host,
            login: account.map { "\($0.address)" } ?? "")
    }

    /// A message that others follow: told to be wrong before they come.
    func stage(_ append: Append) async throws -> Engine.Answer {
        let before = staged
        staged = []
        let place = try await destination(append.mailbox)
        let message = try await ready(append, place)
        staged = before + [message]
        return .continued
    }

    private func destination(_ name: MailboxName) async throws -> Place {
        do {
            let place = try await place(name, .insert)
            guard place.row.isSelectable else { throw Refusal(.no(.tryCreate, "This name only holds other names")) }
            return place
        } catch {
            spool = nil
            if let error = error as? StoreError { throw Refusal(error.completionForDestination) }
            throw error
        }
    }

    /// - Parameter place: nil: one of the client's own.
    private func ready(_ append: Append, _ place: Place?) async throws -> NewMessage {
        defer { spool = nil }
        // RFC 4314 §4: flags that may not be set there are left away.
        let (flags, version) = try await bits(
            of: append.flags.allowed(by: place?.rights ?? .all), account: try place?.row.account ?? owner(),
            makesKeywords: true)
        guard store.hasRoom else { throw StoreError.diskFull }
        let message =
            switch append.body {
            case .memory(let octets): try await store.stage(octets)
            case .spooled: try await store.stage(try spooled())
            case .parts(let parts): try await catenated(parts)
            }
        let date = append.internalDate ?? InternalDate(secondsSince1970: services.now())
        return NewMessage(
            message, flags: flags, keywordVersion: version, internalDate: date.secondsSince1970,
            zoneMinutes: date.zoneMinutes)
    }

    private func spooled() throws(StoreError) -> Spool {
        guard let spool else { throw .storage(operation: "append", detail: "nothing was spooled") }
        return spool
    }

    /// The bits of a client's flags.
    ///
    /// - Parameter makesKeywords: false leaves names away that no message has had yet.
    /// - Returns: them, and the version of the keywords among them.
    func bits(
        of list: FlagList, account: AccountID, makesKeywords: Bool
    ) async throws(StoreError) -> (flags: Flags, keywordVersion: Int64?) {
        guard !list.keywords.isEmpty else { return (list.fixed, nil) }
        var keywords: Keywords
        if let selected, selected.owner == account {
            keywords = selected.flags.keywords
        } else {
            keywords = try await store.keywords(of: account)
        }
        if list.keywords.contains(where: { keywords.flag(named: $0) == nil }) {
            keywords =
                makesKeywords
                ? try await store.makeKeywords(list.keywords, account: account) : try await store.keywords(of: account)
        }
        let flags = list.keywords.reduce(into: list.fixed) { flags, name in
            if let flag = keywords.flag(named: name) { flags.insert(flag) }
        }
        return (flags, keywords.version)
    }
}
