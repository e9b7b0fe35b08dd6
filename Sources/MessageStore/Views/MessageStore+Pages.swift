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
            let columns = PageColumns(page.entries.map(\.summary.messageID), account)
            page.octets.reserveCapacity(page.entries.count * 1_024)
            if !want.isDisjoint(with: [.envelope, .structure]) { try columns.readStructure(want, &page, connection) }
            if want.contains(.headerFields) { try columns.readHeaderFields(&page, connection) }
            if !want.isDisjoint(with: [.prefix, .thread]) { try columns.readPrefix(&page, connection) }
            if want.contains(.preview) { try columns.readPreview(&page, connection) }
            return page
        }
    }
}

/// Reads columns of many messages of an account: in one run over their identifiers where these stand close together, as
/// those of mail that came in one after the other do, else one by one.
private struct PageColumns {
    private let account: Value
    /// Identifiers, ascending, with the entry of each; copies of a message in one mailbox follow one another.
    private let order: [(id: Int64, index: Int)]
    private let isDense: Bool

    init(_ ids: [Int64], _ account: AccountID) {
        self.account = .integer(account.rawValue)
        var order = ids.enumerated().map { (id: $0.element, index: $0.offset) }
        if zip(ids, ids.dropFirst()).contains(where: { $0 > $1 }) { order.sort { $0.id < $1.id } }
        self.order = order
        guard let first = order.first, let last = order.last else {
            isDense = false
            return
        }
        let (distance, overflow) = last.id.subtractingReportingOverflow(first.id)
        isDense = !overflow && distance < 4 * Int64(order.count)
    }

    func readStructure(_ want: DetailSet, _ page: inout DetailPage, _ connection: ReadConnection) throws {
        try forEach(
            """
            SELECT message_id, envelope, structure, thread_id FROM message CROSS JOIN message_facts USING (facts_id)
            WHERE account_id = ? AND message_id BETWEEN ? AND ? ORDER BY message_id
            """, &page, connection
        ) { row, index, page in
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
            page.entries[index].threadID = row.integer(3)
        }
    }

    func readHeaderFields(_ page: inout DetailPage, _ connection: ReadConnection) throws {
        try forEach(
            """
            SELECT message_id, lines FROM message CROSS JOIN header_fields USING (facts_id)
            WHERE account_id = ? AND message_id BETWEEN ? AND ? ORDER BY message_id
            """, &page, connection
        ) { row, index, page in
            page.entries[index].headerFields = row.withOctets(1) { octets in
                octets.first == 1 ? page.keep(.init(rebasing: octets.dropFirst())) : nil
            }
        }
    }

    func readPrefix(_ page: inout DetailPage, _ connection: ReadConnection) throws {
        try forEach(
            """
            SELECT message_id, prefix, thread_id FROM message CROSS JOIN message_facts USING (facts_id)
            WHERE account_id = ? AND message_id BETWEEN ? AND ? ORDER BY message_id
            """, &page, connection
        ) { row, index, page in
            page.entries[index].prefix = row.withOctets(1) { $0.isEmpty ? 0..<0 : page.keep($0) }
            page.entries[index].threadID = row.integer(2)
        }
    }

    func readPreview(_ page: inout DetailPage, _ connection: ReadConnection) throws {
        try forEach(
            """
            SELECT message_id, preview FROM message CROSS JOIN message_facts USING (facts_id)
            WHERE account_id = ? AND message_id BETWEEN ? AND ? ORDER BY message_id
            """, &page, connection
        ) { row, index, page in page.entries[index].preview = row.withOctets(1) { page.keep($0) } }
    }

    /// Calls `take` with the row of each entry's message. The first column of the statement is the identifier.
    private func forEach(
        _ sql: StaticString, _ page: inout DetailPage, _ connection: ReadConnection,
        _ take: (Row, Int, inout DetailPage) -> Void
    ) throws {
        guard isDense, let first = order.first, let last = order.last else {
            for (id, index) in order {
                try connection.query(sql, account, .integer(id), .integer(id)) { take($0, index, &page) }
            }
            return
        }
        var next = 0
        try connection.query(sql, account, .integer(first.id), .integer(last.id)) { row in
            let id = row.integer(0)
            while next < order.count, order[next].id < id { next += 1 }
            while next < order.count, order[next].id == id {
                take(row, order[next].index, &page)
                next += 1
            }
        }
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
