internal import Execution
internal import Glibc
internal import MailCore
internal import MailCrypto
internal import NIOCore
internal import SQLite

/// Copies what is alive of a sealed segment into a new one, so that the space of the rest comes back.
///
/// A sealed segment never changes: the copy is whole and synced before the first row names it, rows move a page at a time,
/// and the old file goes when nobody can be reading it any more. Ended at any moment, nothing is lost: a copy that no row
/// names is known by its first record and removed by the next start.
struct Compaction: Sendable {
    /// A sealed segment and what of it is dead.
    struct Candidate: Sendable {
        var id: Int64
        var firstBody: Int64
        var lastBody: Int64
        var octets: Int
    }

    private struct Body: Sendable {
        var id: Int64
        var offset: Int
        var newOffset = 0
    }

    /// Readers that took a body's old place just before have so long to read it, in seconds.
    static let graceSeconds: Int64 = 600
    private static let pageMax = 500

    let store: MessageStore
    /// A thread that may be held for long.
    let pool: BlockingPool
    /// So that mail does not wait for the disk; 0 for as fast as it goes.
    var octetsPerSecondMax = 50_000_000

    /// Sealed shared segments of which at least `percent` is dead, the emptiest first.
    static func candidates(
        percent: Int, limit: Int, _ connection: ReadConnection
    ) throws -> [Candidate] {
        try connection.all(
            """
            SELECT segment_id, first_body_id, coalesce(last_body_id, first_body_id - 1), octet_count FROM segment
            WHERE state = 1 AND kind IN (0, 2) AND dead_octets * 100 >= octet_count * ?
            ORDER BY dead_octets * 1.0 / max(1, octet_count) DESC LIMIT ?
            """, .integer(percent), .integer(limit)
        ) {
            Candidate(
                id: $0.integer(0), firstBody: $0.integer(1), lastBody: $0.integer(2), octets: Int($0.integer(3)))
        }
    }

    /// - Parameter graceSeconds: until the old file goes.
    /// - Returns: the octets that come back.
    @discardableResult
    func run(_ candidate: Candidate, graceSeconds: Int64 = Self.graceSeconds) async throws -> Int {
        let live = try await liveBodies(of: candidate)
        guard !live.isEmpty else {
            try await retire(candidate, graceSeconds)
            return candidate.octets
        }
        let (moved, octets, segment) = try await pool.run(priority: .bulk) { try copy(candidate, live) }
        try await name(segment, candidate, octets)
        for start in stride(from: 0, to: moved.count, by: Self.pageMax) {
            try await move(Array(moved[start..<min(start + Self.pageMax, moved.count)]), from: candidate, to: segment)
        }
        try await retire(candidate, graceSeconds)
        return candidate.octets - octets
    }

    private func liveBodies(of candidate: Candidate) async throws -> [Body] {
        var all: [Body] = []
        while true {
            let from = all.last?.id ?? candidate.firstBody - 1
            let page = try await store.read(priority: .bulk) { connection in
                try connection.all(
                    """
                    SELECT body_id, segment_offset FROM body
                    WHERE body_id > ?1 AND body_id <= ?2 AND segment_id = ?3 ORDER BY body_id LIMIT 5000
                    """, .integer(from), .integer(candidate.lastBody), .integer(candidate.id)
                ) { Body(id: $0.integer(0), offset: Int($0.integer(1))) }
            }
            all += page
            if page.count < 5_000 { return all }
        }
    }

    // MARK: On the pool

    private func copy(_ candidate: Candidate, _ live: [Body]) throws -> ([Body], Int, Int64) {
        let paths = StorePaths(directory: store.options.directory)
        let layer = store.layer
        let temporary = paths.incoming + "/compaction-\(candidate.id).seg"
        layer.remove(temporary)
        let target = try layer.create(temporary)
        defer { close(target) }
        do {
            let wanted = Dictionary(live.map { ($0.offset, $0.id) }, uniquingKeysWith: { first, _ in first })
            let header = SegmentRecord.compactionHeader(
                madeAt: Clock.now(), commitNumber: store.segments.commitNumber
            ).encoded()
            try layer.write(target, header, at: 0)
            var copier = Copier(target: target, end: header.readableBytes, wanted: wanted, layer: layer)
            copier.octetsPerSecondMax = octetsPerSecondMax
            var failure: (any Error)?
            SegmentScan.forEachRecord(in: paths.segment(candidate.id), from: 0) { record, offset, descriptor in
                guard offset < candidate.octets else { return false }
                do { try copier.take(record, at: offset, descriptor) } catch { failure = error }
                return failure == nil
            }
            if let failure { throw failure }
            guard copier.moved.count == live.count else {
                throw StoreError.storage(
                    operation: "compact \(StorePaths.segmentName(candidate.id))",
                    detail: "\(live.count - copier.moved.count) of \(live.count) records are not where the index says")
            }
            try layer.sync(target)
            return (copier.moved, copier.end, try store.segments.adopt(temporary))
        } catch {
            layer.remove(temporary)
            throw error
        }
    }

    /// Writes the records that are wanted one behind the other.
    private struct Copier {
        let target: Int32
        var end: Int
        /// Body ids by the offset of their data.
        let wanted: [Int: Int64]
        let layer: FileLayer
        var octetsPerSecondMax = 0
        private(set) var moved: [Body] = []

        init(target: Int32, end: Int, wanted: [Int: Int64], layer: FileLayer) {
            self.target = target
            self.end = end
            self.wanted = wanted
            self.layer = layer
        }

        mutating func take(_ record: SegmentRecord, at offset: Int, _ source: Int32) throws {
            let data = offset + record.headerOctets
            guard let id = wanted[data] else { return }
            let count = record.headerOctets + record.storedLength
            var octets = ByteBuffer()
            octets.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { room in
                max(0, pread(source, room.baseAddress, count, off_t(offset)))
            }
            let sum = octets.withUnsafeReadableBytes {
                CRC32C.checksum(UnsafeRawBufferPointer(rebasing: $0.dropFirst(record.headerOctets)))
            }
            guard octets.readableBytes == count, sum == record.checksum else {
                throw StoreError.storage(operation: "compact", detail: "body \(id) does not have its checksum")
            }
            try layer.write(target, octets, at: end)
            moved.append(Body(id: id, offset: data, newOffset: end + record.headerOctets))
            end += count
            if octetsPerSecondMax > 0 { usleep(useconds_t(clamping: count * 1_000_000 / octetsPerSecondMax)) }
        }
    }

    // MARK: The index

    private func name(_ segment: Int64, _ candidate: Candidate, _ octets: Int) async throws {
        try await store.write(priority: .bulk) { transaction in
            _ = try transaction.execute(
                """
                INSERT INTO segment (segment_id, kind, state, first_body_id, last_body_id, octet_count, sealed_at)
                VALUES (?, 2, 1, ?, ?, ?, ?)
                """, .integer(segment), .integer(candidate.firstBody), .integer(candidate.lastBody), .integer(octets),
                .integer(Clock.now()))
        }
    }

    /// A body that was released meanwhile stays where it was, and its copy is dead from the start.
    private func move(_ bodies: [Body], from candidate: Candidate, to segment: Int64) async throws {
        try await store.write(priority: .bulk) { transaction in
            var moved: Int64 = 0
            for body in bodies {
                moved +=
                    try transaction.integer(
                        """
                        UPDATE body SET segment_id = ?, segment_offset = ?
                        WHERE body_id = ? AND segment_id = ? AND segment_offset = ? RETURNING stored_length
                        """, .integer(segment), .integer(body.newOffset), .integer(body.id), .integer(candidate.id),
                        .integer(body.offset)) ?? 0
            }
            try transaction.execute(
                "UPDATE segment SET dead_octets = dead_octets + ? WHERE segment_id = ?", .integer(moved),
                .integer(candidate.id))
        }
    }

    private func retire(_ candidate: Candidate, _ graceSeconds: Int64) async throws {
        try await store.write(priority: .bulk) { transaction in
            _ = try transaction.execute(
                """
                UPDATE segment SET state = 2, retire_after = ?2 WHERE segment_id = ?1
                  AND NOT EXISTS (SELECT 1 FROM body WHERE body_id BETWEEN first_body_id AND coalesce(last_body_id, 0)
                    AND body.segment_id = ?1)
                """, .integer(candidate.id), .integer(Clock.now() + graceSeconds))
        }
    }
}
