import IMAP
import MailCore
import MessageStore
import NIOCore
import Transport

/// One FETCH being performed: pages of rows are read, rendered and sent one after the other.
///
/// Runs on the CPU pool with copies of what the session knows; nothing of a page stays when the next is read.
struct FetchRun: Sendable {
    let store: MessageStore
    let account: AccountID
    let mailbox: MailboxID
    let plan: FetchPlan
    let view: UIDRuns
    let wanted: UIDRuns
    let recent: UIDRuns
    var flags: FlagWords
    /// Rights about flags: none when read-only.
    let rights: MailboxRights
    let objectIDs: ObjectID
    /// Messages that were there.
    var found = UIDRuns()
    var ownModSeqs: Set<Int64> = []
    var seenFailure: StoreError?
    var output = ByteBuffer()
    /// Within the response of one message.
    var isInResponse = false
    /// Part of it is on its way, so that it can no more be taken back.
    var isTorn = false

    static let summariesMax = 5_000
    static let flagsMax = 20_000
    static let pageMax = 500
    /// Pages that are read before they are needed.
    static let pagesAhead = 3
    /// About so many are sent in one piece.
    static let outputOctets = 262_144
    static let detailsMax = 250
    /// Bodies up to this are read many at once; larger ones only as far as they are asked for.
    static let smallBodyOctetsMax = 262_144
    /// Small bodies that are in memory at once.
    static let batchOctetsMax = 1_048_576
    static let batchMessagesMax = 64
    /// Of a large body that is sent as it is read.
    static let pieceOctets = 262_144

    init(
        store: MessageStore, selected: Selected, plan: FetchPlan, wanted: UIDRuns, features: Features
    ) {
        self.store = store
        account = selected.owner
        mailbox = selected.mailbox
        self.plan = plan
        view = selected.view
        self.wanted = wanted
        recent = features.contains(.rev2) ? UIDRuns() : selected.recent
        flags = selected.flags
        rights = selected.flagRights
        objectIDs = selected.objectIDs
    }

    /// Of one message that is read for its octets.
    init(store: MessageStore, account: AccountID, mailbox: MailboxID, plan: FetchPlan) {
        self.store = store
        self.account = account
        self.mailbox = mailbox
        self.plan = plan
        view = UIDRuns()
        wanted = UIDRuns()
        recent = UIDRuns()
        flags = FlagWords(Keywords())
        rights = []
        objectIDs = .own
    }

    mutating func perform(_ responses: ResponseStream) async throws {
        for span in view.spans(of: wanted) {
            guard plan.storedItems.isEmpty else {
                try await stored(span, responses)
                continue
            }
            var next: UInt32? = span.lowerBound
            while let first = next {
                let range = first...span.upperBound
                if plan.isFlagsOnly {
                    next = try await flags(range, responses)
                } else if plan.details.isEmpty, !plan.marksSeen {
                    next = try await summaries(range, responses)
                } else {
                    next = try await details(range, responses)
                }
            }
        }
        try await flush(responses)
    }

    /// One page; where the next one begins, or nil.
    private mutating func summaries(_ range: ClosedRange<UInt32>, _ responses: ResponseStream) async throws -> UInt32? {
        let rows = try await store.summaries(of: mailbox, uids: range, limit: Self.summariesMax)
        try await learnKeywords(rows.contains { flags.lacks($0.flags) })
        for row in rows {
            guard let number = number(of: row.uid) else { continue }
            found.append(row.uid)
            var response = begin(number, row.uid)
            for item in plan.items { write(item, row, &response) }
            response.end(into: &output)
        }
        try await flush(responses)
        return Self.next(behind: rows.last?.uid, rows.count, Self.summariesMax, range)
    }

    mutating func details(_ range: ClosedRange<UInt32>, _ responses: ResponseStream) async throws -> UInt32? {
        if plan.readsBodies { return try await messages(range, responses) }
        let rows = try await store.details(
            of: mailbox, account: account, uids: range, limit: Self.detailsMax, want: plan.details)
        try await learnKeywords(rows.contains { flags.lacks($0.summary.flags) })
        var batch: [MessageDetail] = []
        var octets = 0
        for row in rows where number(of: row.summary.uid) != nil {
            batch.append(row)
            octets += min(row.body?.octetCount ?? 0, Self.smallBodyOctetsMax)
            if plan.marksSeen, octets >= Self.batchOctetsMax || batch.count >= Self.batchMessagesMax {
                try await write(batch, responses)
                batch = []
                octets = 0
            }
        }
        try await write(batch, responses)
        return Self.next(behind: rows.last?.summary.uid, rows.count, Self.detailsMax, range)
    }

    /// A few messages with their bodies.
    private mutating func messages(_ range: ClosedRange<UInt32>, _ responses: ResponseStream) async throws -> UInt32? {
        let (rows, next) = try await store.messages(
            of: mailbox, account: account, uids: range, limit: Self.batchMessagesMax, want: plan.details,
            bodyOctetsMax: Self.smallBodyOctetsMax, octetsMax: Self.batchOctetsMax)
        try await learnKeywords(rows.contains { flags.lacks($0.summary.flags) })
        try await write(rows.filter { number(of: $0.summary.uid) != nil }, responses)
        return next
    }

    /// Keywords that another session made are told before they are used.
    mutating func learnKeywords(_ isLacking: Bool) async throws {
        guard isLacking else { return }
        flags = FlagWords(try await store.keywords(of: account))
        output.writeFlags(flags.text)
        output.writePermanentFlags(flags.text, rights)
    }

    /// Nil for a message that was not asked for.
    func number(of uid: UID) -> UInt32? {
        guard wanted.count == view.count || wanted.contains(uid) else { return nil }
        return view.rank(of: uid).map { UInt32(clamping: $0) }
    }

    static func next(
        behind last: UID?, _ count: Int, _ limit: Int, _ range: ClosedRange<UInt32>
    ) -> UInt32? {
        guard count >= limit, let last, last.rawValue < range.upperBound else { return nil }
        return last.rawValue + 1
    }

    mutating func begin(_ number: UInt32, _ uid: UID) -> FetchResponse {
        plan.isUIDOnly ? FetchResponse(only: uid, into: &output) : FetchResponse(number, into: &output)
    }

    /// Writes what the narrow row knows; other items are passed over.
    mutating func write(_ item: FetchItem, _ row: MessageSummary, _ response: inout FetchResponse) {
        switch item {
        case .flags:
            response.flags(row.flags, isRecent: recent.contains(row.uid), &flags.text, into: &output)
        case .uid: response.uid(row.uid, into: &output)
        case .internalDate:
            let date = InternalDate(secondsSince1970: row.internalDate, zoneMinutes: row.internalZoneMinutes)
            response.internalDate(date, into: &output)
        case .rfc822Size: response.rfc822Size(Int64(row.size), into: &output)
        case .modSeq: response.modSeq(row.modSeq, into: &output)
        case .emailID: response.emailID(objectIDs.email(row.messageID), into: &output)
        case .saveDate: response.saveDate(InternalDate(secondsSince1970: row.savedAt), into: &output)
        case .threadID, .preview, .envelope, .body, .bodyStructure, .section, .binary, .binarySize, .rfc822,
            .rfc822Header, .rfc822Text:
            break
        }
    }

    mutating func flush(_ responses: ResponseStream) async throws {
        guard output.readableBytes > 0 else { return }
        if isInResponse { isTorn = true }
        let piece = output
        output = ByteBuffer()
        try await responses.write { buffer in
            if buffer.readableBytes == 0 { buffer = piece } else { buffer.writeImmutableBuffer(piece) }
        }
    }
}
