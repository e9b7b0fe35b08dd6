/// A disk as POSIX allows it to be: what was synced stays; of what was not, anything may be there after the power went.
///
/// A rename happens whole or not at all, and is durable with either of its folders. A file's octets and its name are
/// durable apart from each other.
struct Disk: Sendable {
    private struct Pending: Sendable {
        var index: Int
        var event: DiskEvent
    }

    private var names: [String: DiskNode] = [:]
    private var contents: [Int: [UInt8]] = [:]
    private var pending: [Pending] = []

    init() {}

    /// A disk that holds these files durably.
    init(_ image: DiskImage) {
        for folder in image.folders { names[folder] = .folder }
        for (number, file) in image.files.sorted(by: { $0.key < $1.key }).enumerated() {
            names[file.key] = .file(number)
            contents[number] = file.value
        }
    }

    /// Above all files' numbers.
    var nextFile: Int {
        let named = currentNames.values.compactMap { if case .file(let number) = $0 { number } else { nil } }
        return (named + contents.keys).reduce(-1, max) + 1
    }

    /// The same disk, on which the events are numbered anew from here on.
    var renumbered: Disk {
        var copy = self
        for index in copy.pending.indices { copy.pending[index].index = -1 }
        return copy
    }

    /// All names as a running program sees them.
    var currentNames: [String: DiskNode] {
        var names = names
        for case .names(let changes) in pending.map(\.event) {
            for change in changes { names[change.path] = change.node }
        }
        return names
    }

    mutating func apply(_ event: DiskEvent, at index: Int) {
        switch event {
        case .write, .truncate, .names: pending.append(Pending(index: index, event: event))
        case .sync(let file, let before): settle(before) { $0.concerns(file: file) }
        case .syncFolder(let path, let before): settle(before) { $0.concerns(folder: path) }
        case .committed, .acknowledged: break
        }
    }

    private mutating func settle(_ before: Int, _ isMeant: (DiskEvent) -> Bool) {
        var rest: [Pending] = []
        for entry in pending {
            if entry.index < before && isMeant(entry.event) {
                Self.perform(entry.event, &names, &contents)
            } else {
                rest.append(entry)
            }
        }
        pending = rest
    }

    /// What is found after the power went.
    func image(_ survival: Survival, _ random: inout SeededRandom) -> DiskImage {
        var (names, contents) = (names, contents)
        for event in survival.choose(from: pending.map(\.event), &random) { Self.perform(event, &names, &contents) }
        return DiskImage(names: names, contents: contents)
    }

    private static func perform(_ event: DiskEvent, _ names: inout [String: DiskNode], _ contents: inout [Int: [UInt8]])
    {
        switch event {
        case .write(let file, let offset, let octets):
            octets.withUnsafeBytes { write($0, at: offset, into: &contents[file, default: []]) }
        case .truncate(let file, let size):
            let count = contents[file, default: []].count
            if size < count {
                contents[file]?.removeLast(count - size)
            } else {
                contents[file]?.append(contentsOf: [UInt8](repeating: 0, count: size - count))
            }
        case .names(let changes): for change in changes { names[change.path] = change.node }
        default: break
        }
    }

    private static func write(_ octets: UnsafeRawBufferPointer, at offset: Int, into content: inout [UInt8]) {
        let end = offset + octets.count
        if content.count < end { content.append(contentsOf: [UInt8](repeating: 0, count: end - content.count)) }
        content.withUnsafeMutableBytes {
            UnsafeMutableRawBufferPointer(rebasing: $0[offset..<end]).copyMemory(from: octets)
        }
    }
}

extension DiskEvent {
    func concerns(file wanted: Int) -> Bool {
        switch self {
        case .write(let file, _, _), .truncate(let file, _): file == wanted
        default: false
        }
    }

    func concerns(folder: String) -> Bool {
        if case .names(let changes) = self { changes.contains { $0.folder == folder } } else { false }
    }
}
