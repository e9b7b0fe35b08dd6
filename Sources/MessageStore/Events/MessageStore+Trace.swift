internal import Execution
internal import MailCore
internal import SQLite

extension MessageStore {
    /// Trails looked at in one read.
    private static let pageMax: Int64 = 5_000
    /// Words of a subject that are looked for.
    private static let wordsMax = 8

    /// The lives of messages, the newest first. Goes back through all that is kept until `limit` are found.
    ///
    /// - Parameter limit: at most 1,000 are given.
    public func timelines(matching filter: TrailFilter, limit: Int) async throws(StoreError) -> [Timeline] {
        var found: [Timeline] = []
        var before = Int64.max
        let limit = min(max(0, limit), 1_000)
        while found.count < limit {
            let from = before
            let wanted = limit - found.count
            let page = try await read(priority: .bulk) { connection in
                try Self.page(filter, before: from, limit: wanted, connection)
            }
            found += page.timelines
            guard let last = page.last else { break }
            before = last
        }
        return found
    }

    private static func page(
        _ filter: TrailFilter, before: Int64, limit: Int, _ connection: ReadConnection
    ) throws -> (timelines: [Timeline], last: Int64?) {
        let words = filter.subjectWords.prefix(wordsMax).map { asciiLowered($0) }
        let id = filter.messageID.map { $0.trimmingBrackets }
        var timelines: [Timeline] = []
        var last: Int64?
        var seen = 0
        let trails = try connection.all(
            """
            SELECT trail_id, at, origin, session, client, login, reverse_path, message_id, subject, octets FROM trail
            WHERE trail_id < ? ORDER BY trail_id DESC LIMIT ?
            """, .integer(before), .integer(pageMax), row: EventRows.trail)
        for trail in trails where timelines.count < limit {
            last = trail.id
            seen += 1
            guard id == nil || trail.messageID == id, isInTime(trail, filter), isOfSession(trail, filter),
                words.allSatisfy({ asciiLowered(trail.subject).contains($0) }),
                try isAbout(trail, filter, connection)
            else { continue }
            timelines.append(try timeline(of: trail, connection))
        }
        // Fewer than a page: there are no older ones.
        let isAll = trails.count < pageMax && seen == trails.count
        return (timelines, isAll ? nil : last)
    }

    private static func isInTime(_ trail: Trail, _ filter: TrailFilter) -> Bool {
        let seconds = trail.at / 1_000_000
        return (filter.since.map { seconds >= $0 } ?? true) && (filter.until.map { seconds <= $0 } ?? true)
    }

    private static func isOfSession(_ trail: Trail, _ filter: TrailFilter) -> Bool {
        guard let session = filter.session else { return true }
        return trail.origin.session == session || trail.origin.session.hasPrefix(session + "-")
    }

    private static func isAbout(_ trail: Trail, _ filter: TrailFilter, _ connection: ReadConnection) throws -> Bool {
        guard let address = filter.address else { return true }
        if [trail.origin.reversePath, trail.origin.login].contains(where: { asciiLowered($0) == asciiLowered(address) })
        {
            return true
        }
        let found = try connection.integer(
            """
            SELECT 1 FROM message_event WHERE trail_id = ? AND (lower(address) = lower(?) OR account_id = ?) LIMIT 1
            """, .integer(trail.id), .text(address), .optional(filter.account?.rawValue))
        return found != nil
    }

    private static func timeline(of trail: Trail, _ connection: ReadConnection) throws -> Timeline {
        let events = try connection.all(
            """
            SELECT trail_id, at, kind, account_id, address, mailbox, uid, detail FROM message_event
            WHERE trail_id = ? ORDER BY at LIMIT 10000
            """, .integer(trail.id), row: EventRows.event)
        var verdicts: [Timeline.VerdictOf] = []
        for account in Set(events.compactMap { $0?.account }).sorted(by: { $0.rawValue < $1.rawValue }) {
            let verdict = try connection.first(
                """
                SELECT v.verdict FROM message AS m JOIN verdict AS v USING (account_id, message_id)
                WHERE m.account_id = ?1 AND m.body_id = ?2 LIMIT 1
                """, .integer(account.rawValue), .integer(trail.id)
            ) { $0.text(0) }
            if let verdict { verdicts.append(.init(account: account, verdict: verdict)) }
        }
        return Timeline(trail: trail, events: events.compactMap { $0 }, verdicts: verdicts)
    }

    private static func asciiLowered(_ text: String) -> String {
        String(decoding: text.utf8.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }, as: UTF8.self)
    }

    /// Forgets trails and events that are older than they are kept, a page at a time.
    func purgeEvents(keepDays: Int, now: Int64) async throws(StoreError) {
        let horizon = (now - Int64(keepDays) * 86_400) * 1_000_000
        while true {
            let removed = try await write(priority: .bulk) { transaction -> Int in
                let old = try transaction.all(
                    "SELECT trail_id, at FROM trail ORDER BY trail_id LIMIT 500"
                ) { (id: $0.integer(0), at: $0.integer(1)) }.prefix { $0.at < horizon }
                guard let last = old.last else { return 0 }
                try transaction.execute("DELETE FROM message_event WHERE trail_id <= ?", .integer(last.id))
                return try transaction.execute("DELETE FROM trail WHERE trail_id <= ?", .integer(last.id))
            }
            if removed < 500 { return }
        }
    }
}

extension String {
    fileprivate var trimmingBrackets: String {
        hasPrefix("<") && hasSuffix(">") && utf8.count > 2 ? String(dropFirst().dropLast()) : self
    }
}
