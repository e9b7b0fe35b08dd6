/// What a name in a folder stands for. A file keeps its number whatever its name becomes.
enum DiskNode: Hashable, Sendable {
    case folder
    case file(Int)
}

/// A name that now stands for something, or for nothing any more. Paths are relative to the folder that is watched.
struct NameChange: Equatable, Sendable {
    var path: String
    var node: DiskNode?

    /// "" for the watched folder itself.
    var folder: String { NameChange.folder(of: path) }

    static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
    }
}

/// One thing that was done to the disk, or a mark between two of them; all in the order in which they were done.
enum DiskEvent: Sendable {
    case write(file: Int, offset: Int, octets: [UInt8])
    case truncate(file: Int, size: Int)
    /// What was done to the file before the event with that index is durable: the sync began there.
    case sync(file: Int, before: Int)
    /// Names that came, went or moved, all at once or not at all.
    case names([NameChange])
    /// The same for the names in a folder.
    case syncFolder(path: String, before: Int)
    /// A transaction was committed, with all rows that it left.
    case committed(rows: String)
    /// What somebody asked for was answered with yes; how the rows begin that this promises.
    case acknowledged(String, rows: [String])

    /// What another order of the calls could change: what makes durable, and what gives names.
    var isTurningPoint: Bool {
        switch self {
        case .sync, .syncFolder, .names, .committed: true
        default: false
        }
    }

    /// For a person who looks for the reason of a failure.
    var summary: String {
        switch self {
        case .write(let file, let offset, let octets): "write \(octets.count) at \(offset) of \(file)"
        case .truncate(let file, let size): "truncate \(file) to \(size)"
        case .sync(let file, _): "sync \(file)"
        case .names(let changes):
            "names " + changes.map { "\($0.path)=\($0.node.map { "\($0)" } ?? "-")" }.joined(separator: " ")
        case .syncFolder(let path, _): "sync folder \(path)"
        case .committed: "committed"
        case .acknowledged(let step, _): "acknowledged \(step)"
        }
    }
}
