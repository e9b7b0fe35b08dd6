internal import MailCrypto
internal import MessageStore

/// Brings segments of a store into a target. All block.
struct SegmentCopies {
    /// A row of pieces longer than this is begun anew as one.
    static let piecesMax = 64

    let target: Target
    let copier: FileCopy
    let catalogue: Catalogue
    private(set) var octetsAdded: Int64 = 0
    /// Folders with new names in them, to be synced.
    private var folders: Set<String> = []

    init(target: Target, copier: FileCopy, catalogue: Catalogue) {
        self.target = target
        self.copier = copier
        self.catalogue = catalogue
    }

    /// A sealed segment: nothing to do when it is there.
    mutating func copySealed(_ file: SegmentFile, octets: Int64) throws(BackupError) -> Manifest.Segment {
        let path = file.name
        var part: Manifest.Part
        if let known = catalogue.sealed[path], known.octets == octets, try isGood(known) {
            part = known
        } else {
            part = try copy(file, range: 0..<octets, to: path, known: catalogue.sealed[path])
        }
        part.octets = octets
        return Manifest.Segment(id: file.id, name: file.name, octets: octets, parts: [part], isSealed: true)
    }

    /// The open segment up to `end`: a piece with what is past the end of the last set.
    mutating func copyOpen(_ file: SegmentFile, end: Int64) throws(BackupError) -> Manifest.Segment {
        var parts = catalogue.tails[file.id] ?? []
        var start: Int64 = parts.reduce(0) { $0 + $1.octets }
        var isGood = start <= end && parts.count < Self.piecesMax
        for part in parts where isGood { isGood = try self.isGood(part) }
        if !isGood { (parts, start) = ([], 0) }
        if start < end {
            let folder = "tails/" + String((file.name.split(separator: "/").last ?? "").dropLast(".seg".count))
            parts.append(try copy(file, range: start..<end, to: "\(folder)/\(start)-\(end)", known: nil))
        }
        return Manifest.Segment(id: file.id, name: file.name, octets: end, parts: parts, isSealed: false)
    }

    /// Makes the new names durable.
    mutating func sync() throws(BackupError) {
        for folder in folders { try Disk.sync(folder: target.file(folder)) }
        folders = []
    }

    /// There with its length; digested again only after a proof found it damaged.
    private func isGood(_ part: Manifest.Part) throws(BackupError) -> Bool {
        let path = target.file(part.path)
        guard Disk.octets(of: path) == part.octets else { return false }
        guard catalogue.damaged.contains(part.path) else { return true }
        return try "\(copier.digest(of: path, octets: part.octets))" == part.sha256
    }

    private mutating func copy(
        _ file: SegmentFile, range: Range<Int64>, to path: String, known: Manifest.Part?
    ) throws(BackupError) -> Manifest.Part {
        guard let there = Disk.octets(of: file.path) else { throw .storeChanging }
        guard there >= range.upperBound else {
            throw .failed(operation: "copy \(file.path)", detail: "it has \(there) of \(range.upperBound) octets")
        }
        if let known, known.octets == Int64(range.count) {
            // What sets name is only ever replaced by the same octets.
            guard try "\(copier.digest(of: file.path, octets: known.octets))" == known.sha256 else {
                throw .failed(
                    operation: "copy \(file.path) again", detail: "it is not what it was when it was first copied")
            }
        }
        try makeFolder(of: path)
        let digest = try copier.copy(file.path, range: range, to: target.file(path))
        octetsAdded += Int64(range.count)
        return Manifest.Part(path: path, octets: Int64(range.count), sha256: "\(digest)")
    }

    private mutating func makeFolder(of path: String) throws(BackupError) {
        let parts = path.split(separator: "/").dropLast()
        let folder = parts.joined(separator: "/")
        if try Disk.makeFolder(target.file(folder)) { folders.insert(parts.dropLast().joined(separator: "/")) }
        folders.insert(folder)
    }
}
