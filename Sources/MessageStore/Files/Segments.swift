internal import Glibc
internal import NIOCore
internal import SQLite
internal import Synchronization

/// The segment files as the writer sees them: the open one, to which bodies are appended, and those with one large body.
///
/// `@unchecked Sendable`: what is not a constant, a mutex or an atomic is touched on the writer's thread alone.
final class Segments: GroupParticipant, @unchecked Sendable {
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
        /// Not synced yet.
        var records = 0
    }

    /// Files that no row names, as sessions' threads tell of them.
    private struct Leftovers {
        var files: [Int64] = []
        /// Where some were unlinked: what is not synced may be back after the power went.
        var folders: Set<String> = []
    }

    /// What the next transaction says about segments.
    enum Change: Sendable {
        case opened(Int64, firstBody: Int64)
        case sealed(Int64, lastBody: Int64, octets: Int, at: Int64)
    }

    let numbers: SegmentNumbers
    private let paths: StorePaths
    private let layer: FileLayer
    private let segmentOctetsMax: Int
    private var nextBody: Int64
    private var open: Open?
    private var changes: [Change]
    private var resetsLeases = true
    /// Sealed in this group, to be synced and closed.
    private var retired: [Int32] = []
    private var directories: Set<String> = []
    /// Folders of segments whose names are durable, or will be with the next flush.
    private let knownFolders = Mutex<Set<String>>([])
    private var recordedReservation: Int64?
    private let committedEnd = Mutex(Committed())
    private let leftovers = Mutex(Leftovers())
    private let commits: Atomic<Int64>
    private let mark: CommitMark
    private let zeros: ZeroFill
    /// Records of the group that is being written.
    private var groupRecords = 0

    init(
        _ start: Recovery.Start, paths: StorePaths, layer: FileLayer, zeros: ZeroFill, options: MessageStore.Options
    ) {
        numbers = SegmentNumbers(next: start.nextSegment, reserved: start.reservedSegment)
        nextBody = start.nextBody
        changes = start.seals
        commits = Atomic(start.commitNumber)
        mark = start.mark
        self.paths = paths
        self.layer = layer
        self.zeros = zeros
        segmentOctetsMax = options.segmentOctetsMax
    }

    deinit {
        zeros.end()
        if let open { close(open.descriptor) }
    }

    /// From any thread.
    var committedState: Committed { committedEnd.withLock { $0 } }

    /// How many transactions the index has committed. From any thread.
    var commitNumber: Int64 { commits.load(ordering: .acquiring) }

    // MARK: On the writer's thread

    /// Appends a record to the open segment. On disk after the group's flush.
    func append(_ octets: ByteBuffer, _ record: SegmentRecord) throws(StoreError) -> Place {
        var record = record
        record.bodyID = nextBody
        record.commitNumber = commitNumber
        let header = record.encoded()
        let length = header.readableBytes + octets.readableBytes
        if let open, open.end > 0, open.end + length > segmentOctetsMax { seal() }
        var open = try openSegment()
        zeros.claim(to: open.end + length)
        // A failed write leaves the end where it was: the next record overwrites what it left.
        try layer.write(open.descriptor, header, octets, at: open.end)
        let place = Place(bodyID: record.bodyID, segment: open.id, offset: open.end + header.readableBytes)
        open.end += length
        open.lastBody = record.bodyID
        open.records += 1
        self.open = open
        nextBody += 1
        return place
    }

    /// A number for a body in a segment of its own, or for the trail of a message that was not kept.
    func takeBodyID() -> Int64 {
        defer { nextBody += 1 }
        return nextBody
    }

    /// Ends the open segment: nothing is appended to it any more.
    func seal() {
        guard let open else { return }
        changes.append(.sealed(open.id, lastBody: open.lastBody, octets: open.end, at: Clock.now()))
        retired.append(open.descriptor)
        zeros.end()
        self.open = nil
    }

    private func openSegment() throws(StoreError) -> Open {
        if let open { return open }
        let opened = try makeSegment { id throws(StoreError) in
            if try makeFolder(of: id) { directories.insert(paths.segments) }
            return Open(id: id, descriptor: try layer.create(paths.segment(id)), lastBody: nextBody)
        }
        directories.insert(paths.segmentFolder(opened.id))
        changes.append(.opened(opened.id, firstBody: nextBody))
        zeros.begin(paths.segment(opened.id))
        open = opened
        return opened
    }

    // MARK: From any thread that may block

    /// Makes a synced file the segment of one body, and syncs the folder: nothing of that waits for the writer.
    ///
    /// - Returns: the segment's number. Until a row names it, it is a file to be removed.
    func adopt(_ path: String) throws(StoreError) -> Int64 {
        try makeSegment { id throws(StoreError) in
            if try makeFolder(of: id) { try layer.sync(directory: paths.segments) }
            try layer.move(path, to: paths.segment(id))
            do throws(StoreError) {
                try layer.sync(directory: paths.segmentFolder(id))
            } catch {
                remove(id)
                throw error
            }
            return id
        }
    }

    /// Has a file made under the next number.
    private func makeSegment<Outcome>(
        _ make: (Int64) throws(StoreError) -> Outcome
    ) throws(StoreError) -> Outcome {
        let id = try numbers.take()
        do throws(StoreError) {
            return try make(id)
        } catch {
            // Nothing bears the number yet. A full disk must not use up those that are reserved: more of them come with
            // a commit, and none comes while every message needs a new segment.
            if error == .diskFull { numbers.giveBack(id) }
            throw error
        }
    }

    /// - Returns: true when its name must be synced: one that is there already may be of a process that was killed
    ///   before it did that.
    private func makeFolder(of id: Int64) throws(StoreError) -> Bool {
        let folder = paths.segmentFolder(id)
        try layer.makeDirectory(folder)
        return knownFolders.withLock { $0.insert(folder).inserted }
    }

    /// Unlinks a segment that no row names, or none after the next transaction: before that the folder is synced, since a
    /// file that is back after the power went would look like that of a newer index.
    ///
    /// - Returns: whether it is gone.
    @discardableResult
    func remove(_ id: Int64) -> Bool {
        defer { leftovers.withLock { _ = $0.folders.insert(paths.segmentFolder(id)) } }
        return layer.remove(paths.segment(id))
    }

    /// Unlinks it when the next transaction is on disk: until then a start may find the one that failed whole.
    func removeLater(_ id: Int64) { leftovers.withLock { $0.files.append(id) } }

    // MARK: GroupParticipant

    func flush() throws {
        for descriptor in retired { try layer.sync(descriptor) }
        for descriptor in retired { close(descriptor) }
        retired = []
        groupRecords = open?.records ?? 0
        if let open, open.records > 0 {
            try layer.sync(open.descriptor)
            self.open?.records = 0
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
        try transaction.execute(
            "UPDATE counter SET value = ? WHERE name = 'commit_number'", .integer(commitNumber + 1))
        recordedReservation = numbers.unrecorded
        if let recordedReservation {
            try transaction.execute(
                "UPDATE counter SET value = max(value, ?) WHERE name = 'reserved_segment_id'",
                .integer(recordedReservation))
        }
        // Who leased before this start is gone.
        if resetsLeases {
            try transaction.execute("UPDATE queue_recipient SET state = 0, lease_owner = NULL WHERE state = 1")
        }
        for change in changes { try record(change, transaction) }
    }

    private func record(_ change: Change, _ transaction: WriteTransaction) throws {
        switch change {
        case .opened(let id, let firstBody):
            try transaction.execute(
                "INSERT INTO segment (segment_id, kind, state, first_body_id) VALUES (?, 0, 0, ?)", .integer(id),
                .integer(firstBody))
        case .sealed(let id, let lastBody, let octets, let at):
            try transaction.execute(
                """
                UPDATE segment SET state = 1, last_body_id = max(first_body_id - 1, ?), octet_count = ?, sealed_at = ?
                WHERE segment_id = ?
                """, .integer(lastBody), .integer(octets), .integer(at), .integer(id))
        }
    }

    func committed() {
        changes.removeAll()
        resetsLeases = false
        if let recordedReservation { numbers.recorded(recordedReservation) }
        let number = commits.wrappingAdd(1, ordering: .releasing).newValue
        mark.write(number)
        let now = Committed(segment: open?.id ?? 0, end: open?.end ?? 0)
        committedEnd.withLock { $0 = now }
        let files = leftovers.withLock { leftovers in
            defer { leftovers.files = [] }
            return leftovers.files
        }
        for id in files { remove(id) }
        zeros.refill(after: groupRecords)
    }
}
