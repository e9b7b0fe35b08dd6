import CWatchedFiles
import Glibc
import SQLite

/// A call of the store or of SQLite to the system, as faults and counts see it.
enum DiskCall: Hashable, Sendable, CaseIterable {
    case create, open, read, write, truncate, sync, size, rename, unlink, mkdir, syncFolder
    /// SQLite's memory that connections share, a file in truth.
    case share

    /// May find no space.
    var allocates: Bool {
        switch self {
        case .create, .write, .rename, .mkdir, .share: true
        default: false
        }
    }

    init?(_ call: Int32) {
        switch UInt32(bitPattern: call) {
        case WATCHED_OPEN.rawValue: self = .open
        case WATCHED_READ.rawValue: self = .read
        case WATCHED_WRITE.rawValue: self = .write
        case WATCHED_TRUNCATE.rawValue: self = .truncate
        case WATCHED_SYNC.rawValue: self = .sync
        case WATCHED_SIZE.rawValue: self = .size
        case WATCHED_DELETE.rawValue: self = .unlink
        case WATCHED_SHARE.rawValue: self = .share
        default: return nil
        }
    }
}

/// What is to go wrong, and when.
struct DiskFault: Sendable {
    enum Kind: Sendable, CaseIterable {
        /// ENOSPC from that call on until it is lifted.
        case noSpace
        /// EIO, once.
        case failure
        /// Half of it is written, and then no more until it is lifted.
        case short
        /// The store's own write takes half, once, which is no failure.
        case partial
    }

    var kind: Kind
    /// The number of the call, or of the first behind it that can fail so.
    var at: Int
    /// Only calls of SQLite fail, and of those only these.
    var ofIndex: Set<DiskCall>?
    private(set) var hits: [DiskCall] = []
    private var isLifted = false

    init(_ kind: Kind, at: Int, ofIndex: Set<DiskCall>? = nil) {
        self.kind = kind
        self.at = at
        self.ofIndex = ofIndex
    }

    mutating func lift() { isLifted = true }

    /// What the call with that number is told: nil to go on.
    mutating func strike(_ call: DiskCall, number: Int, isOfIndex: Bool) -> Kind? {
        guard !isLifted, number >= at else { return nil }
        if let ofIndex, !isOfIndex || !ofIndex.contains(call) { return nil }
        switch kind {
        case .failure:
            isLifted = true
        case .noSpace:
            guard call.allocates else { return nil }
        case .short:
            guard hits.isEmpty ? call == .write : call.allocates else { return nil }
        case .partial:
            guard call == .write, !isOfIndex else { return nil }
            isLifted = true
        }
        hits.append(call)
        return kind == .short && hits.count > 1 ? .noSpace : kind
    }
}

extension DiskFault.Kind {
    var error: Int32 { self == .failure ? EIO : ENOSPC }

    /// As SQLite's layer for Unix says it.
    func code(of call: DiskCall) -> Int32 {
        switch (self, call) {
        case (.failure, .open): SQLITE_CANTOPEN
        case (.failure, .read): Self.code(1)
        case (.failure, .write): Self.code(3)
        case (.failure, .sync): Self.code(4)
        case (.failure, .truncate): Self.code(6)
        case (.failure, .size): Self.code(7)
        case (.failure, .unlink): Self.code(10)
        case (.failure, .share): Self.code(21)
        case (_, .share): Self.code(19)
        case (.failure, _): SQLITE_IOERR
        case (_, _): SQLITE_FULL
        }
    }

    /// SQLITE_IOERR_READ and its kin, which are macros that do not come over to Swift.
    private static func code(_ detail: Int32) -> Int32 { SQLITE_IOERR | detail << 8 }
}
