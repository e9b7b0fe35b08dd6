import IMAP
import MIME
import MailCore
import MessageStore
import NIOCore

/// One SEARCH being performed: page by page, and of each message no more is read than decides.
struct SearchRun: Sendable {
    let store: MessageStore
    let account: AccountID
    let mailbox: MailboxID
    let view: UIDRuns
    let condition: Condition
    private var hits: [UInt32] = []

    static let rowsMax = 2_000
    static let detailsMax = 250

    init(store: MessageStore, account: AccountID, mailbox: MailboxID, view: UIDRuns, condition: Condition) {
        self.store = store
        self.account = account
        self.mailbox = mailbox
        self.view = view
        self.condition = condition
    }

    /// The UIDs of all that match and are still there.
    mutating func perform() async throws -> UIDRuns {
        let wanted = condition.bound.map { view.intersection($0.ranges) } ?? view
        guard !wanted.isEmpty else { return UIDRuns() }
        let filter = condition.filter
        for span in view.spans(of: wanted) {
            var next: UInt32? = span.lowerBound
            while let first = next {
                let rows = try await store.summaries(
                    of: mailbox, uids: first...span.upperBound, limit: Self.rowsMax,
                    matching: filter == FlagFilter() ? nil : filter)
                try await judge(rows)
                next = nil
                if rows.count >= Self.rowsMax, let last = rows.last?.uid.rawValue, last < span.upperBound {
                    next = last + 1
                }
            }
        }
        hits.sort()
        var result = UIDRuns()
        for uid in hits { result.append(UID(uid)) }
        return result
    }

    private mutating func judge(_ rows: [MessageSummary]) async throws {
        var open = UIDRuns()
        for row in rows where view.contains(row.uid) {
            switch Candidate(row).satisfies(condition) {
            case true?: hits.append(row.uid.rawValue)
            case nil: open.append(row.uid)
            case false?: break
            }
        }
        guard !open.isEmpty else { return }
        for span in view.spans(of: open) { try await judgeDetails(span, open) }
    }

    private mutating func judgeDetails(_ span: ClosedRange<UInt32>, _ open: UIDRuns) async throws {
        let depth = condition.depth
        let want: DetailSet = depth == .fields ? [.headerFields, .prefix] : [.headerFields, .prefix, .body]
        var next: UInt32? = span.lowerBound
        while let first = next {
            let rows = try await store.details(
                of: mailbox, account: account, uids: first...span.upperBound, limit: Self.detailsMax, want: want)
            var unread: [MessageDetail] = []
            for row in rows where open.contains(row.summary.uid) {
                var candidate = Candidate(row.summary)
                if let lines = row.headerFields {
                    candidate.fields = [Header(parsing: row.prefix), Header(parsing: lines)]
                }
                switch candidate.satisfies(condition) {
                case true?: hits.append(row.summary.uid.rawValue)
                case nil: unread.append(row)
                case false?: break
                }
            }
            try await judgeBodies(unread, readsBodies: depth == .body)
            next = nil
            if rows.count >= Self.detailsMax, let last = rows.last?.summary.uid.rawValue, last < span.upperBound {
                next = last + 1
            }
        }
    }

    /// Reads small bodies many at once.
    private mutating func judgeBodies(_ rows: [MessageDetail], readsBodies: Bool) async throws {
        var rest = try await withBodies(rows)[...]
        while !rest.isEmpty {
            var octets = 0
            let batch = rest.prefix { row in
                defer { octets += row.body?.octetCount ?? 0 }
                return octets < FetchRun.batchOctetsMax
            }
            rest = rest.dropFirst(batch.count)
            let isSmall = octets <= 2 * FetchRun.batchOctetsMax
            if isSmall {
                let bodies = try await store.octets(of: batch.compactMap(\.body))
                for (row, body) in zip(batch, bodies) { judge(row, body, isWhole: true) }
            } else {
                for row in batch {
                    guard let body = row.body else { continue }
                    let range = readsBodies ? nil : 0..<min(row.headerOctets, body.octetCount)
                    judge(row, try await store.octets(of: body, range: range), isWhole: readsBodies)
                }
            }
        }
    }

    /// Those that were read without their bodies, since kept fields should have sufficed, are read again.
    private func withBodies(_ rows: [MessageDetail]) async throws -> [MessageDetail] {
        var result: [MessageDetail] = []
        for row in rows {
            guard row.body == nil else {
                result.append(row)
                continue
            }
            let uid = row.summary.uid.rawValue
            result += try await store.details(
                of: mailbox, account: account, uids: uid...uid, limit: 1, want: [.prefix, .body])
        }
        return result.filter { $0.body != nil }
    }

    private mutating func judge(_ row: MessageDetail, _ octets: ByteBuffer, isWhole: Bool) {
        var candidate = Candidate(row.summary)
        if isWhole, condition.depth == .body {
            let message = MIME.Message(parsing: octets)
            candidate.message = message
            candidate.headers = [Header(parsing: row.prefix), message.header]
        } else {
            candidate.headers = [Header(parsing: row.prefix), Header(parsing: octets)]
        }
        if candidate.satisfies(condition) == true { hits.append(row.summary.uid.rawValue) }
    }
}
