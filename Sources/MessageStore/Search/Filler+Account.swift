internal import Logging
internal import NIOCore
internal import Observation
internal import SQLite

/// One account's turn.
extension Filler {
    /// Messages of one batch, and their octets; one message may be larger.
    private static let batchMessages = 512
    private static let batchOctetsMax = 8 << 20
    /// Rows read at once: a reader is to be held for a few milliseconds at most.
    private static let pageMessages = 64

    /// Finds out how far an account's file is.
    mutating func learn(_ account: IndexedMail.Account) async throws {
        guard known[account.id]?.indexedThrough == nil else { return }
        var progress: IndexFile.Progress?
        if let identity = try await mail.identity(of: account.id) {
            progress = try files.with(account.id, identity: identity) { try $0.progress() } ?? nil
        }
        // A search found it damaged just now.
        if files.isWithheld(account.id) { throw RemovalWaits() }
        if let progress, progress.indexedThrough > account.lastMessage {
            throw IndexDamage("it knows of mail that has not come yet")
        }
        var facts = known[account.id] ?? Known()
        facts.indexedThrough = progress?.indexedThrough ?? 0
        facts.documents = progress?.documents ?? 0
        known[account.id] = facts
    }

    /// Makes the file of an account anew when a quarter of its documents are of messages that are gone.
    mutating func weed(_ account: IndexedMail.Account) async throws {
        guard let facts = known[account.id], let indexedThrough = facts.indexedThrough, facts.documents > 0 else {
            return
        }
        if let looked = facts.looked, looked == (account.messages, account.keptOctets) { return }
        known[account.id]?.looked = (account.messages, account.keptOctets)
        // What was expunged and can be brought back is not dead.
        let rows = account.messages + (account.keptOctets > 0 ? try await mail.keptMessages(of: account.id) : 0)
        var dead = facts.documents - rows
        // Copies count as rows, too, so that they hide the dead: after many changes these are counted one by one.
        if dead * 4 < facts.documents, abs(rows - (facts.rowsCounted ?? rows)) * 8 > facts.documents {
            dead = facts.documents - (try await mail.liveMessages(of: account.id, through: indexedThrough))
            known[account.id]?.rowsCounted = rows
        } else if facts.rowsCounted == nil {
            known[account.id]?.rowsCounted = rows
        }
        guard dead > 0, dead * 4 >= facts.documents else { return }
        log.info(
            "a search file is made anew without what is gone",
            metadata: ["account": "\(account.id)", "gone": "\(dead)", "of": "\(facts.documents)"])
        files.withhold(account.id)
        try remake(account.id)
        known[account.id]?.remakes = facts.remakes
        try await learn(account)
    }

    /// Removes a file that was withheld.
    mutating func remake(_ account: Int64) throws {
        guard files.remove(account) else { throw RemovalWaits() }
        files.giveOut(account)
        var facts = known[account] ?? Known()
        if let remadeAt = facts.remadeAt, remadeAt.duration(to: .now) > Self.goodTime { facts.remakes = 0 }
        facts.indexedThrough = nil
        facts.documents = 0
        facts.remadeAt = .now
        facts.remakes += 1
        known[account] = facts
        Self.remade.increment()
    }

    /// Indexes what is new of an account, for as long as its turn lasts.
    ///
    /// - Returns: false when there is more.
    mutating func fill(_ account: IndexedMail.Account, _ isStopped: @Sendable () -> Bool) async throws -> Bool {
        guard let identity = try await mail.identity(of: account.id) else { return true }
        let end = ContinuousClock.now + Self.turnMax
        var file: IndexFile?
        defer { file?.close() }
        while let start = known[account.id]?.indexedThrough, start < account.lastMessage {
            let messages = try await nextMessages(account.id, after: start)
            guard !messages.isEmpty else {
                known[account.id]?.indexedThrough = account.lastMessage
                break
            }
            // Not made before there is something to put into it.
            let open = try file ?? openFile(account.id, identity)
            file = open
            try index(messages, account.id, open)
            if isStopped() || ContinuousClock.now >= end { return false }
            try? await Task.sleep(for: Self.pause)
        }
        known[account.id]?.waitsSince = nil
        return true
    }

    /// Nothing reads a file while it is being made.
    private func openFile(_ account: Int64, _ identity: String) throws -> IndexFile {
        try files.making(account) {
            try IndexFile(path: files.path(of: account), isReader: false, identity: identity)
        }
    }

    private func nextMessages(_ account: Int64, after start: Int64) async throws -> [IndexedMail.Message] {
        var messages: [IndexedMail.Message] = []
        var octets = 0
        while messages.count < Self.batchMessages, octets < Self.batchOctetsMax {
            let page = try await mail.messages(
                of: account, after: messages.last?.id ?? start, limit: Self.pageMessages)
            for message in page where octets < Self.batchOctetsMax {
                octets += message.isGone ? 0 : message.body?.octetCount ?? 0
                messages.append(message)
            }
            if page.count < Self.pageMessages { break }
        }
        return messages
    }

    private mutating func index(
        _ messages: [IndexedMail.Message], _ account: Int64, _ file: IndexFile
    ) throws {
        guard let progress = try file.progress() else { throw IndexDamage("progress is missing") }
        guard progress.indexedThrough == known[account]?.indexedThrough else {
            // The file was lost since it was looked at.
            known[account]?.indexedThrough = progress.indexedThrough
            known[account]?.documents = progress.documents
            return
        }
        var batch = IndexBatch(firstDocument: progress.documents)
        var last = progress.indexedThrough
        for message in messages where !batch.isFull {
            last = message.id
            guard !message.isGone, let body = message.body else { continue }
            do {
                batch.add(message.id, prefix: message.prefix, body: try mail.octets(of: body))
            } catch {
                // It is no document then: searches look at it themselves, and say what is wrong.
                log.error(
                    "a message cannot be read to be indexed",
                    metadata: ["account": "\(account)", "message": "\(message.id)", "error": "\(error)"])
            }
        }
        try file.add(batch, through: last)
        known[account]?.indexedThrough = last
        known[account]?.documents = progress.documents + batch.messages.count
        Self.indexed.increment(by: batch.messages.count)
    }
}
