internal import Execution
public import MailCore
internal import NIOCore
internal import SQLite

extension MessageStore {
    /// Like `details`, for what is kept ready to send: `body` is not looked up.
    ///
    /// The tables that are looked at beside the narrow rows are read in the order in which they stand, since a seek for
    /// each message would cost more than all else together.
    ///
    /// - Parameter limit: at most 1,000 are given.
    public func page(
        of mailbox: MailboxID, account: AccountID, uids: ClosedRange<UInt32>, limit: Int, want: DetailSet
    ) async throws(StoreError) -> DetailPage {
        try await read { connection in
            var page = DetailPage()
            page.entries.reserveCapacity(min(max(0, limit), uids.count, 1_000))
            try connection.query(
                """
                SELECT uid, message_id, mod_seq, flags, size, internal_date, internal_zone_minutes, sent_date,
                  sent_zone_minutes, saved_at
                FROM mailbox_message WHERE mailbox_id = ? AND uid BETWEEN ? AND ? ORDER BY uid LIMIT ?
                """, .integer(mailbox.rawValue), .integer(uids.lowerBound), .integer(uids.upperBound),
                .integer(min(max(0, limit), 1_000))
            ) { page.entries.append(DetailPage.Entry(MessageSummary($0))) }
            var columns = PageColumns(page.entries.map(\.summary.messageID), account)
            if want.isDisjoint(with: [.envelope, .structure, .headerFields, .prefix, .thread, .preview]) {
                return page
            }
            try columns.readMessages(&page, connection)
            page.octets.reserveCapacity(page.entries.count * 1_024)
            if !want.isDisjoint(with: [.envelope, .structure]) { try columns.readStructure(want, &page, connection) }
            if want.contains(.headerFields) { try columns.readHeaderFields(&page, connection) }
            if want.contains(.prefix) { try columns.readPrefix(&page, connection) }
            if want.contains(.preview) { try columns.readPreview(&page, connection) }
            return page
        }
    }
}

/// Reads columns of many messages of an account: in one run over their numbers where these stand close together, as those
/// of mail that came in one after the other do, else one by one.
private struct PageColumns {
    private let account: Value
    /// Identifiers with the entry of each; copies of a message in one mailbox follow one another.
    private let messages: NumberedEntries
    /// The same by the rows of what FETCH tells; empty before they are known.
    private var facts = NumberedEntries([])

    init(_ ids: [Int64], _ account: AccountID) {
        self.account = .integer(account.rawValue)
        messages = NumberedEntries(ids.enumerated().map { (number: $0.element, index: $0.offset) })
    }

    /// The narrow rows: where the wide ones are, and the threads.
    mutating func readMessages(_ page: inout DetailPage, _ connection: ReadConnection) throws {
        var found: [(number: Int64, index: Int)] = []
        found.reserveCapacity(page.entries.count)
        try messages.forEach(
            """
            SELECT message_id, facts_id, thread_id FROM message
            WHERE account_id = ? AND message_id BETWEEN ? AND ? ORDER BY message_id
            """, of: account, connection
        ) { row, index in
            page.entries[index].threadID = row.integer(2)
            found.append((number: row.integer(1), index: index))
        }
        facts = NumberedEntries(found)
    }

    func readStructure(_ want: DetailSet, _ page: inout DetailPage, _ connection: ReadConnection) throws {
        try facts.forEach(
            "SELECT facts_id, envelope, structure FROM message_facts WHERE facts_id BETWEEN ? AND ? ORDER BY facts_id",
            connection
        ) { row, index in
            if want.contains(.envelope) {
                page.entries[index].envelope = row.withOctets(1) { page.keep(.init(rebasing: $0.dropFirst())) }
            }
            if want.contains(.structure) {
                row.withOctets(2) { octets in
                    guard let places = StructurePlaces(octets) else { return }
                    let start = page.keep(octets).lowerBound
                    page.entries[index].bodyStructureBasic = places.basic.moved(by: start)
                    page.entries[index].bodyStructure = places.extended.moved(by: start)
                }
            }
        }
    }

    func readHeaderFields(_ page: inout DetailPage, _ connection: ReadConnection) throws {
        try facts.forEach(
            "SELECT facts_id, lines FROM header_fields WHERE facts_id BETWEEN ? AND ? ORDER BY facts_id", connection
        ) { row, index in
            page.entries[index].headerFields = row.withOctets(1) { octets in
                octets.first == 1 ? page.keep(.init(rebasing: octets.dropFirst())) : nil
            }
        }
    }

    func readPrefix(_ page: inout DetailPage, _ connection: ReadConnection) throws {
        try facts.forEach(
            "SELECT facts_id, prefix FROM message_facts WHERE facts_id BETWEEN ? AND ? ORDER BY facts_id", connection
        ) { row, index in page.entries[index].prefix = row.withOctets(1) { $0.isEmpty ? 0..<0 : page.keep($0) } }
    }

    func readPreview(_ page: inout DetailPage, _ connection: ReadConnection) throws {
        try facts.forEach(
            "SELECT facts_id, preview FROM message_facts WHERE facts_id BETWEEN ? AND ? ORDER BY facts_id", connection
        ) { row, index in page.entries[index].preview = row.withOctets(1) { page.keep($0) } }
    }
}

/// Where BODY and BODYSTRUCTURE stand in the stored blob (see `MessageFacts`).
private struct StructurePlaces {
    var basic: Range<Int>
    var extended: Range<Int>

    init?(_ octets: UnsafeRawBufferPointer) {
        guard octets.first == MessageFacts.version, let basic = Self.place(at: 1, octets),
            let extended = Self.place(at: basic.upperBound, octets)
        else { return nil }
        self.basic = basic
        self.extended = extended
    }

    /// Behind a length of four octets.
    private static func place(at start: Int, _ octets: UnsafeRawBufferPointer) -> Range<Int>? {
        guard octets.count - start >= 4 else { return nil }
        let length = Int(UInt32(bigEndian: octets.loadUnaligned(fromByteOffset: start, as: UInt32.self)))
        guard length <= octets.count - start - 4 else { return nil }
        return start + 4..<start + 4 + length
    }
}

extension Range<Int> {
    fileprivate func moved(by distance: Int) -> Range<Int> { lowerBound + distance..<upperBound + distance }
}
