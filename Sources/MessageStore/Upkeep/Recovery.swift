internal import Glibc
internal import Logging
internal import NIOCore
internal import Observation
internal import SQLite

/// What is done before the store serves: whatever the last end left is put in order (design: "Crash safety").
struct Recovery: Sendable {
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

    /// Files without a row that one end can leave: large messages and a new segment of one group.
    static let unknownFilesMax = 16

    func run() throws -> Segments.Start {
        try makeFolders()
        let generation = try openInfo()
        let known = try database.readBlocking { try Set($0.all("SELECT segment_id FROM segment") { $0.integer(0) }) }
        let reserved = try database.readBlocking {
            try $0.integer("SELECT value FROM counter WHERE name = 'reserved_segment_id'") ?? 0
        }
        let unknown = try unknownFiles(known)
        try setAside(unknown, reserved: reserved)
        emptyIncoming()
        try clearRetired()
        var nextBody = try database.readBlocking {
            try $0.integer(
                """
                SELECT max((SELECT coalesce(max(body_id), 0) FROM body), coalesce(max(last_body_id), 0),
                    coalesce(max(first_body_id) - 1, 0)) FROM segment
                """) ?? 0
        }
        for segment in try database.readBlocking({
            try $0.all("SELECT segment_id FROM segment WHERE state = 0 AND kind = 0") { $0.integer(0) }
        }) {
            nextBody = max(nextBody, try seal(segment))
        }
        let first = StoreID.make(generation: generation, counter: 0)
        let highest = max(first, reserved, unknown.last?.id ?? 0)
        let start = Segments.Start(
            generation: generation, nextBody: max(first, nextBody) + 1, nextSegment: highest + 1,
            reservedSegment: highest + Segments.reservedAhead)
        try database.writeBlocking { transaction in
            try transaction.execute(
                "UPDATE counter SET value = ? WHERE name = 'reserved_segment_id'", .integer(start.reservedSegment))
            // Who leased is gone.
            try transaction.execute("UPDATE queue_recipient SET state = 0, lease_owner = NULL WHERE state = 1")
        }
        return start
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

    /// Paths of segment files that the index does not name.
    private func unknownFiles(_ known: Set<Int64>) throws(StoreError) -> [(id: Int64, path: String)] {
        var unknown: [(id: Int64, path: String)] = []
        for folder in try FolderListing.names(in: paths.segments) {
            for name in try FolderListing.names(in: paths.segments + "/" + folder) {
                guard let id = StorePaths.segmentID(ofName: name), !known.contains(id) else { continue }
                unknown.append((id, paths.segments + "/" + folder + "/" + name))
            }
        }
        return unknown.sorted { $0.id < $1.id }
    }

    /// A file whose group never committed is not above what the index reserved, and there are few. Anything else says
    /// that the index is older than the segments.
    private func setAside(_ files: [(id: Int64, path: String)], reserved: Int64) throws {
        guard !files.isEmpty else { return }
        let isOrdinary = files.count <= Self.unknownFilesMax && files.allSatisfy { $0.id <= reserved }
        guard isOrdinary || options.acceptOlderIndex else {
            throw StoreError.olderIndex(
                detail: """
                    \(files.count) segment files are unknown to mail.db (the first is \(StorePaths.segmentName(files[0].id))): \
                    an older copy of it seems to have been put back. Put the right one back, or start with the older \
                    index accepted: the files then move to lost/
                    """)
        }
        for file in files { try layer.move(file.path, to: paths.lost + "/" + StorePaths.segmentName(file.id)) }
        try layer.sync(directory: paths.lost)
        log.warning(
            "segment files unknown to the index were moved to lost/",
            metadata: ["files": "\(files.count)", "first": "\(StorePaths.segmentName(files[0].id))"])
    }

    /// Only this process writes there, and it has not begun.
    private func emptyIncoming() {
        for name in (try? FolderListing.names(in: paths.incoming)) ?? [] {
            _ = layer.unlink(paths.incoming + "/" + name)
        }
    }

    /// Removes the files, then the rows, of segments whose one body nobody holds any more.
    private func clearRetired() throws {
        let now = Clock.now()
        let retired = try database.readBlocking {
            try $0.all(
                "SELECT segment_id FROM segment WHERE state = 2 AND kind = 1 AND coalesce(retire_after, 0) <= ?",
                .integer(now)
            ) { $0.integer(0) }
        }
        guard !retired.isEmpty else { return }
        var gone: [Int64] = []
        var folders: Set<String> = []
        for segment in retired {
            if layer.unlink(paths.segment(segment)) == 0 {
                folders.insert(paths.segmentFolder(segment))
            } else if errno != ENOENT {
                continue
            }
            gone.append(segment)
        }
        // A file that is back after the power went, and without a row, would look like that of a newer index.
        for folder in folders { try layer.sync(directory: folder) }
        try database.writeBlocking { [gone] transaction in
            for segment in gone {
                try transaction.execute("DELETE FROM segment WHERE segment_id = ?", .integer(segment))
            }
        }
    }

    /// Ends the segment that was open at its last committed record; it is never appended to again.
    ///
    /// - Returns: the highest body id in it, those of records that were never acknowledged included.
    private func seal(_ segment: Int64) throws -> Int64 {
        let last = try database.readBlocking {
            try $0.first(
                """
                SELECT max(body_id), coalesce(max(segment_offset + stored_length), 0) FROM body
                WHERE body_id >= (SELECT first_body_id FROM segment WHERE segment_id = ?1) AND segment_id = ?1
                """, .integer(segment)
            ) { (body: $0.optionalInteger(0), end: $0.integer(1)) }
        }
        let end = last?.end ?? 0
        let highest = max(last?.body ?? 0, SegmentScan.highestBody(in: paths.segment(segment), from: Int(end)))
        try database.writeBlocking { transaction in
            try transaction.execute(
                """
                UPDATE segment SET state = 1, octet_count = ?, last_body_id = max(first_body_id - 1, ?), sealed_at = ?
                WHERE segment_id = ?
                """, .integer(end), .integer(highest), .integer(Clock.now()), .integer(segment))
        }
        return highest
    }
}
