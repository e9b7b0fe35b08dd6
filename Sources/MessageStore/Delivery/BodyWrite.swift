internal import NIOCore
internal import SQLite
internal import Synchronization

/// One body's way to disk: appended or adopted in `prepare`, named in the transaction.
final class BodyWrite: Sendable {
    private let message: StagedMessage
    private let record: SegmentRecord
    private let segments: Segments
    private let place = Mutex<Segments.Place?>(nil)

    init(_ message: StagedMessage, accounts: [Int64], segments: Segments) {
        self.message = message
        self.segments = segments
        let checksum =
            switch message.content {
            case .memory(_, let checksum), .spool(_, let checksum): checksum
            }
        record = SegmentRecord(
            bodyID: 0, madeAt: Clock.now(), rawLength: message.octetCount, storedLength: message.octetCount,
            digest: message.digest, checksum: checksum, accounts: accounts)
    }

    /// What the request holds of the writer's group: a large message costs a rename, but let not many share a group.
    var announcedOctets: Int { min(message.octetCount, 1 << 20) + 1_024 }

    /// Before the request is queued: a spool gets its footer. Blocks.
    func seal() throws(StoreError) {
        guard case .spool(let spool, _) = message.content else { return }
        try spool.seal(record)
    }

    /// On the writer's thread, before the flush.
    func prepare() throws(StoreError) {
        let placed: Segments.Place
        switch message.content {
        case .memory(let octets, _):
            placed = try segments.append(octets, record)
        case .spool(let spool, _):
            placed = try segments.adopt(spool.path)
            spool.keep()
        }
        place.withLock { $0 = placed }
    }

    /// In the transaction. Returns the body's id.
    func insert(references: Int, in transaction: WriteTransaction) throws -> Int64 {
        guard let place = place.withLock({ $0 }) else {
            throw StoreError.storage(operation: "deliver", detail: "no body")
        }
        if case .spool = message.content {
            try transaction.execute(
                """
                INSERT INTO segment (segment_id, kind, state, first_body_id, last_body_id, octet_count, sealed_at)
                VALUES (?1, 1, 1, ?2, ?2, ?3, ?4)
                """, .integer(place.segment), .integer(place.bodyID),
                .integer(message.octetCount + record.headerOctets + SegmentRecord.footerOctets), .integer(record.madeAt)
            )
        }
        try transaction.execute(
            "INSERT INTO body VALUES (?, ?, ?, ?, ?, 0, ?, ?)", .integer(place.bodyID), .integer(place.segment),
            .integer(place.offset), .integer(message.octetCount), .integer(message.octetCount), .integer(references),
            .blob(message.digest))
        return place.bodyID
    }

    /// After a request that failed alone: the segment that was made for it alone goes.
    func undo() {
        guard case .spool = message.content, let place = place.withLock({ $0 }) else { return }
        segments.remove(place.segment)
    }

    /// After a transaction that found no space.
    func undoLater() {
        guard case .spool = message.content, let place = place.withLock({ $0 }) else { return }
        segments.removeLater(place.segment)
    }
}
