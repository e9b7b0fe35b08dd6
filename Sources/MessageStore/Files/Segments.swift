internal import Glibc
internal import NIOCore
internal import SQLite
internal import Synchronization

/// The segment files as the writer sees them: the open one, to which bodies are appended, and those with one large body.
///
/// `@unchecked Sendable`: all but the mutex is touched on the writer's thread alone.
final class Segments: GroupParticipant, @unchecked Sendable {
    /// Where to go on, as recovery found it.
    struct Start: Sendable {
        var generation: Int64
        var nextBody: Int64
        var nextSegment: Int64
        /// No number up to this one is new to the index, whatever happened.
        var reservedSegment: Int64
    }

    /// Where a body was put.
    struct Place: Sendable {
        var bodyID: Int64
        var segment: Int64
        var offset: Int
    }

    /// What backups see of the open segment.
    struct Committed: Sendable {
        var segment: Int64 = 0
        var end = 0
    }

    private struct Open {
        var id: Int64
        var descriptor: Int32
        var end = 0
        var lastBody: Int64
        var isWritten = false
    }

    /// Files that no row names, as sessions' threads tell of them.
    private struct Leftovers {
        var files: [Int64] = []
        /// Where some were unlinked: what is not synced may be back after the power went.
        var folders: Set<String> = []
    }

    private enum Change {
        case opened(Int64, firstBody: Int64)
        case sealed(Int64, lastBody: Int64, octets: Int, at: Int64)
    }

    static let reservedAhead: Int64 = 64

    private let paths: StorePaths
    private let layer: FileLayer
    private let segmentOctetsMax: Int
    private var start: Start
    private var open: Open?
    private var changes: [Change] = []
    /// Sealed in this group, to be synced and closed.
    private var retired: [Int32] = []
    private var directories: Set<String> = []
    /// Folders of segments whose names are durable, or will be with the next flush.
    private var knownFolders: Set<String> = []
    private var wantedReservation: Int64
    private let committedEnd = Mutex(Committed())
    private let leftovers = Mutex(Leftovers())

    init(_ start: Start, paths: StorePaths, layer: FileLayer, options: MessageStore.Options) {
        self.start = start
        self.paths = paths
        self.layer = layer
        segmentOctetsMax = options.segmentOctetsMax
        wantedReservation = start.reservedSegment
    }

    deinit {
        if let open { close(open.descriptor) }
    }

    /// From any thread.
    var committedState: Committed { committedEnd.withLock { $0 } }

    // MARK: In `prepare`

    /// Appends a record to the open segment. On disk after the group's flush.
    func append(_ octets: ByteBuffer, _ record: SegmentRecord) throws(StoreError) -> Place {
        var record = record
        record.bodyID = start.nextBody
        let header = record.encoded()
        let length = header.readableBytes + octets.readableBytes
        if let open, open.end > 0, open.end + length > segmentOctetsMax { seal() }
        var open = try openSegment()
        // A failed write leaves the end where it was: the next record overwrites what it left.
        try layer.write(open.descriptor, header, octets, at: open.end)
        let place = Place(bodyID: record.bodyID, segment: open.id, offset: open.end + header.readableBytes)
        open.end += length
        open.lastBody = record.bodyID
        open.isWritten = true
        self.open = open
        start.nextBody += 1
        return place
    }

    /// Makes a synced file that holds one body a segment.
    func adopt(_ path: String) throws(StoreError) -> Place {
        let id = try makeSegment { id throws(StoreError) in
            try layer.move(path, to: paths.segment(id))
            return id
        }
        defer { start.nextBody += 1 }
        return Place(bodyID: start.nextBody, segment: id, offset: 0)
    }

    /// Ends the open segment: nothing is appended to it any more.
    func seal() {
        guard let open else { return }
        changes.append(.sealed(open.id, lastBody: open.lastBody, octets: open.end, at: Clock.now()))
        retired.append(open.descriptor)
        self.open = nil
    }

    /// Unlinks a segment that no row names. From any thread.
    func remove(_ id: Int64) {
        _ = layer.unlink(paths.segment(id))
        leftovers.withLock { _ = $0.folders.insert(paths.segmentFolder(id)) }
    }

    /// Unlinks it when the next transaction is on disk: until then a start may find the one that failed whole.
    func removeLater(_ id: Int64) { leftovers.withLock { $0.files.append(id) } }

    private func openSegment() throws(StoreError) -> Open {
        if let open { return open }
        let opened = try makeSegment { id throws(StoreError) in
            Open(id: id, descriptor: try layer.create(paths.segment(id)), lastBody: start.nextBody)
        }
        changes.append(.opened(opened.id, firstBody: start.nextBody))
        open = opened
        return opened
    }

    /// Has a file made under the next number.
    private func makeSegment<Outcome>(
        _ make: (Int64) throws(StoreError) -> Outcome
    ) throws(StoreError) -> Outcome {
        let id = try nextSegment()
        do {
            try makeFolder(of: id)
            let outcome = try make(id)
            directories.insert(paths.segmentFolder(id))
            return outcome
        } catch {
            // Nothing bears the number yet. A full disk must not use up those that are reserved: more of them come with
            // a commit, and none comes while every message needs a new segment.
            if error == .diskFull { start.nextSegment = id }
            throw error
        }
    }

    private func nextSegment() throws(StoreError) -> Int64 {
        // More than that in one group: the reservation follows with its commit.
        guard start.nextSegment <= start.reservedSegment else { throw .busy }
        defer { start.nextSegment += 1 }
        if start.reservedSegment - start.nextSegment < Self.reservedAhead / 2 {
            wantedReservation = start.nextSegment + Self.reservedAhead
        }
        return start.nextSegment
    }

    private func makeFolder(of id: Int64) throws(StoreError) {
        let folder = paths.segmentFolder(id)
        try layer.makeDirectory(folder)
        // One that is there already may be of a process that was killed before it synced the name.
        if knownFolders.insert(folder).inserted { directories.insert(paths.segments) }
    }

    // MARK: GroupParticipant

    func flush() throws {
        for descriptor in retired {
            try layer.sync(descriptor)
            close(descriptor)
        }
        retired = []
        if let open, open.isWritten {
            try layer.sync(open.descriptor)
            self.open?.isWritten = false
        }
        directories.formUnion(
            leftovers.withLock { leftovers in
                defer { leftovers.folders = [] }
                return leftovers.folders
            })
        for directory in directories { try layer.sync(directory: directory) }
        directories = []
    }

    func record(in transaction: WriteTransaction) throws {
        if wantedReservation > start.reservedSegment {
            try transaction.execute(
                "UPDATE counter SET value = max(value, ?) WHERE name = 'reserved_segment_id'",
                .integer(wantedReservation))
        }
        for change in changes {
            switch change {
            case .opened(let id, let firstBody):
                try transaction.execute(
                    "INSERT INTO segment (segment_id, kind, state, first_body_id) VALUES (?, 0, 0, ?)", .integer(id),
                    .integer(firstBody))
            case .sealed(let id, let lastBody, let octets, let at):
                try transaction.execute(
                    "UPDATE segment SET state = 1, last_body_id = ?, octet_count = ?, sealed_at = ? WHERE segment_id = ?",
                    .integer(lastBody), .integer(octets), .integer(at), .integer(id))
            }
        }
    }

    func committed() {
        changes.removeAll()
        start.reservedSegment = max(start.reservedSegment, wantedReservation)
        let now = Committed(segment: open?.id ?? 0, end: open?.end ?? 0)
        committedEnd.withLock { $0 = now }
        let files = leftovers.withLock { leftovers in
            defer { leftovers.files = [] }
            return leftovers.files
        }
        for id in files { remove(id) }
    }
}
