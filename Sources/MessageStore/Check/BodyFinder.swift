internal import Execution
internal import SQLite

/// Finds in the segments what the index lost: the place of a body that messages still name.
struct BodyFinder: Sendable {
    let store: MessageStore

    private struct Found: Sendable {
        var body: Int64
        var segment: Int64
        var offset: Int
        var record: SegmentRecord
    }

    func repair() async throws(StoreError) -> [String] {
        let wanted = try await store.read(priority: .bulk) { connection in
            try Set(
                connection.all(
                    """
                    SELECT body_id FROM message AS m WHERE NOT EXISTS (SELECT 1 FROM body AS b WHERE b.body_id = m.body_id)
                    UNION SELECT body_id FROM queue_message AS q
                    WHERE NOT EXISTS (SELECT 1 FROM body AS b WHERE b.body_id = q.body_id)
                    """
                ) { $0.integer(0) })
        }
        guard !wanted.isEmpty else { return [] }
        let segments = try await store.segmentFiles()
        let found: [Found]
        do {
            found = try await store.files.run(priority: .bulk) {
                segments.flatMap { Self.look(for: wanted, in: $0) }
            }
        } catch {
            throw StoreError(error)
        }
        try await store.write(priority: .bulk) { transaction in
            for place in found {
                try transaction.execute(
                    "INSERT OR IGNORE INTO body VALUES (?, ?, ?, ?, ?, ?, 1, ?)", .integer(place.body),
                    .integer(place.segment), .integer(place.offset), .integer(place.record.storedLength),
                    .integer(place.record.rawLength), .integer(Int64(place.record.codec)), .blob(place.record.digest))
            }
        }
        let missing = wanted.count - Set(found.map(\.body)).count
        return (found.isEmpty ? [] : ["the places of \(found.count) bodies were found in the segments"])
            + (missing == 0 ? [] : ["\(missing) bodies are in no segment: bring them back from a backup"])
    }

    private static func look(for wanted: Set<Int64>, in file: SegmentFile) -> [Found] {
        var found: [Found] = []
        SegmentScan.forEachRecord(in: file.path, from: 0) { record, offset, _ in
            guard offset < file.octets else { return false }
            if record.codec != SegmentRecord.compactionCodec, wanted.contains(record.bodyID) {
                found.append(
                    Found(
                        body: record.bodyID, segment: file.id, offset: offset + record.headerOctets, record: record))
            }
            return true
        }
        return found
    }
}
