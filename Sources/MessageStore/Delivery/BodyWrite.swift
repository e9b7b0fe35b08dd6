internal import NIOCore
internal import SQLite
internal import Synchronization

/// One body's way to disk: in a segment of its own before the request is queued, or appended in `prepare`; named in the
/// transaction.
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
        var record = SegmentRecord(
            bodyID: 0, madeAt: Clock.now(), rawLength: message.octetCount, storedLength: message.octetCount,
            digest: message.digest, checksum: checksum, accounts: accounts)
        record.commitNumber = segments.commitNumber
        self.record = record
    }

    /// What the request holds in memory: of a large message nothing, since its octets are on disk by then.
    var announcedOctets: Int {
        if case .memory(let octets, _) = message.content { octets.readableBytes + 1_024 } else { 1_024 }
    }

    /// Before the request is queued: a spool gets its footer, is synced and becomes a segment. Blocks.
    func settle() throws(StoreError) {
        guard case .spool(let spool, _) = message.content else { return }
        try spool.seal(record)
        let segment = try segments.adopt(spool.path)
        spool.keep()
        place.withLock { $0 = Segments.Place(bodyID: 0, segment: segment, offset: 0) }
    }

    /// On the writer's thread, before the flush.
    func prepare() throws(StoreError) {
        switch message.content {
        case .memory(let octets, _):
            let appended = try segments.append(octets, record)
            place.withLock { $0 = appended }
        case .spool:
            let id = segments.takeBodyID()
            place.withLock { $0?.bodyID = id }
        }
    }

    /// After `prepare`.
    var bodyID: Int64 { place.withLock { $0?.bodyID } ?? 0 }

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
