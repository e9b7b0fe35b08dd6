internal import Glibc
internal import Logging
internal import NIOCore
internal import Observation
internal import SQLite

/// What is done before the store serves: whatever the last end left is put in order (design: "Crash safety").
///
/// Of a store that exists it only reads the index, so that a full disk keeps no server from starting: what is to be
/// written goes with the first transaction.
struct Recovery: Sendable {
    /// Where to go on.
    struct Start: Sendable {
        var nextBody: Int64
        var nextSegment: Int64
        /// No number up to this one is new to the index, whatever happened.
        var reservedSegment: Int64
        /// Transactions that the index has committed.
        var commitNumber: Int64
        var mark: CommitMark
        /// The segment that was open ends at its last committed record; it is never appended to again.
        var seals: [Segments.Change]
    }

    let paths: StorePaths
    let layer: FileLayer
    let database: Database
    let options: MessageStore.Options
    private let log = Log.logger("store")

    init(paths: StorePaths, layer: FileLayer, database: Database, options: MessageStore.Options) {
        self.paths = paths
        self.layer = layer
        self.database = database
        self.options = options
    }

    func run() throws -> Start {
        try makeFolders()
        let generation = try openInfo()
        let index = try database.readBlocking { try Index($0) }
        let mark = CommitMark(path: paths.commitMark)
        let open = try index.open.map { try OpenSegment($0, path: paths.segment($0.id)) }
        let unknown = try unknownFiles(index.segments)
        let isOlder = try checkAge(of: index, mark, open, unknown)
        try setAside(unknown)
        if isOlder {
            for segment in open where segment.scannedEnd > segment.end { try setAsideTail(of: segment) }
            // They may know of messages whose numbers are given again.
            OpenIndexes(directory: paths.search).removeAll()
        }
        for segment in open { cutZeros(behind: segment) }
        emptyIncoming()
        let first = StoreID.make(generation: generation, counter: 0)
        let highest = max(first, index.reserved, unknown.last?.id ?? 0)
        let commits = (open.map(\.commitNumber) + unknown.map(\.commitNumber) + [mark.number]).max() ?? 0
        return Start(
            nextBody: max(first, index.lastBody, open.map(\.lastBody).max() ?? 0) + 1, nextSegment: highest + 1,
            reservedSegment: index.reserved, commitNumber: max(index.commitNumber, commits), mark: mark,
            seals: open.map { .sealed($0.id, lastBody: $0.lastBody, octets: $0.end, at: Clock.now()) })
    }

    private func makeFolders() throws(StoreError) {
        for folder in [options.directory, paths.segments, paths.incoming, paths.lost] {
            try layer.makeDirectory(folder)
        }
        // Those that were there may be of a process that was killed before it synced the names.
        try layer.sync(directory: options.directory)
    }

    /// The store's generation; writes what a new store begins with.
    private func openInfo() throws -> Int64 {
        let found = try database.readBlocking {
            try $0.first("SELECT value FROM store_info WHERE name = 'generation'") { Int64($0.text(0)) ?? 0 }
        }
        if let found { return max(1, found) }
        try database.writeBlocking { try StoreInfo.begin(generation: 1, in: $0) }
        return 1
    }

    /// Segment files that the index does not name, in the order of their numbers.
    private func unknownFiles(_ known: Set<Int64>) throws(StoreError) -> [UnknownSegment] {
        var unknown: [UnknownSegment] = []
        for folder in try FolderListing.names(in: paths.segments) {
            for name in try FolderListing.names(in: paths.segments + "/" + folder) {
                guard let id = StorePaths.segmentID(ofName: name), !known.contains(id) else { continue }
                unknown.append(UnknownSegment(id: id, path: paths.segments + "/" + folder + "/" + name))
            }
        }
        return unknown.sorted { $0.id < $1.id }
    }

    /// Whatever was on its way when the last end came was made before the next transaction, and says how many there had
    /// been. A mark or a record that knows of more transactions than the index is of a newer index than this one.
    ///
    /// - Returns: true for an older index that is accepted.
    private func checkAge(
        of index: Index, _ mark: CommitMark, _ open: [OpenSegment], _ unknown: [UnknownSegment]
    ) throws -> Bool {
        let newest = ([mark.number] + unknown.map(\.commitNumber) + open.map(\.commitNumber)).max() ?? 0
        guard newest > index.commitNumber || unknown.contains(where: { $0.id > index.reserved }) else { return false }
        guard !options.acceptOlderIndex else { return true }
        throw StoreError.olderIndex(
            detail: """
                mail.db has \(index.commitNumber) transactions, and there have been \(max(newest, index.commitNumber + 1)) or \
                more: an older copy of it seems to have been put back. Put the right one back, or start with the older \
                index accepted: messages that it does not know then move to lost/
                """)
    }

    /// Moves files to lost/; a file that compaction was making holds nothing of its own and goes.
    private func setAside(_ files: [UnknownSegment]) throws {
        for file in files where file.isCompaction { layer.remove(file.path) }
        let lost = files.filter { !$0.isCompaction }
        guard let first = lost.first else { return }
        for file in lost { try layer.move(file.path, to: paths.lost + "/" + StorePaths.segmentName(file.id)) }
        try layer.sync(directory: paths.lost)
        log.warning(
            "segment files unknown to the index were moved to lost/",
            metadata: ["files": "\(lost.count)", "first": "\(StorePaths.segmentName(first.id))"])
    }

    /// Copies what the accepted older index does not know of its open segment to lost/.
    private func setAsideTail(of segment: OpenSegment) throws {
        let name = StorePaths.segmentName(segment.id, tailFrom: segment.end)
        try layer.copy(segment.path, from: segment.end, to: segment.scannedEnd, into: paths.lost + "/" + name)
        try layer.sync(directory: paths.lost)
        log.warning("messages behind the accepted index's end were copied to lost/", metadata: ["file": "\(name)"])
    }

    /// Gives back the zeros that were written ahead; a tail that holds anything else stays as it is.
    private func cutZeros(behind segment: OpenSegment) {
        guard SegmentScan.isZero(segment.path, from: segment.scannedEnd),
            let descriptor = try? layer.openForWriting(segment.path)
        else { return }
        layer.truncate(descriptor, to: segment.scannedEnd)
        close(descriptor)
    }

    /// Only this process writes there, and it has not begun.
    private func emptyIncoming() {
        for name in (try? FolderListing.names(in: paths.incoming)) ?? [] { layer.remove(paths.incoming + "/" + name) }
    }
}

extension Recovery {
    /// What the index says of itself.
    private struct Index {
        struct Open {
            var id: Int64
            var firstBody: Int64
            var lastBody: Int64
            var end: Int
        }

        var segments: Set<Int64>
        var reserved: Int64
        var commitNumber: Int64
        var lastBody: Int64
        var open: [Open]

        init(_ connection: ReadConnection) throws {
            segments = try Set(connection.all("SELECT segment_id FROM segment") { $0.integer(0) })
            reserved = try connection.integer("SELECT value FROM counter WHERE name = 'reserved_segment_id'") ?? 0
            commitNumber = try connection.integer("SELECT value FROM counter WHERE name = 'commit_number'") ?? 0
            // A trail has the number of its body, also of one that was not kept.
            lastBody =
                try connection.integer(
                    """
                    SELECT max((SELECT coalesce(max(body_id), 0) FROM body), (SELECT coalesce(max(trail_id), 0) FROM trail),
                      (SELECT coalesce(max(max(coalesce(last_body_id, 0), first_body_id - 1)), 0) FROM segment))
                    """) ?? 0
            open = try connection.all(
                """
                SELECT s.segment_id, s.first_body_id, coalesce(max(b.body_id), 0),
                  coalesce(max(b.segment_offset + b.stored_length), 0)
                FROM segment AS s LEFT JOIN body AS b ON b.segment_id = s.segment_id AND b.body_id >= s.first_body_id
                WHERE s.state = 0 AND s.kind = 0 GROUP BY s.segment_id
                """
            ) {
                Open(
                    id: $0.integer(0), firstBody: $0.integer(1), lastBody: $0.integer(2), end: Int($0.integer(3)))
            }
        }
    }

    /// The segment that was open, and what stands in it behind the last record that the index knows.
    private struct OpenSegment {
        let id: Int64
        let path: String
        let end: Int
        private(set) var scannedEnd: Int
        /// Of all records, those that were never acknowledged included.
        private(set) var lastBody: Int64
        /// The highest one behind `end`.
        private(set) var commitNumber: Int64 = 0

        init(_ row: Index.Open, path: String) throws(StoreError) {
            id = row.id
            self.path = path
            end = row.end
            scannedEnd = row.end
            lastBody = max(row.lastBody, row.firstBody - 1)
            SegmentScan.forEachRecord(in: path, from: row.end) { record, offset, _ in
                lastBody = max(lastBody, record.bodyID)
                commitNumber = max(commitNumber, record.commitNumber)
                scannedEnd = offset + record.headerOctets + record.storedLength
                return true
            }
        }
    }
}

/// A segment file that no row names.
struct UnknownSegment {
    var id: Int64
    var path: String
    /// The highest that its records bear; 0 for one without a good record.
    var commitNumber: Int64 = 0
    var isCompaction = false

    init(id: Int64, path: String) {
        self.id = id
        self.path = path
        if let footer = SegmentScan.footer(of: path) {
            commitNumber = footer.commitNumber
            return
        }
        var isFirst = true
        SegmentScan.forEachRecord(in: path, from: 0) { record, _, _ in
            if isFirst { isCompaction = record.codec == SegmentRecord.compactionCodec }
            isFirst = false
            commitNumber = max(commitNumber, record.commitNumber)
            return !isCompaction
        }
    }
}
