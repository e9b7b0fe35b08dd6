import CWALBuffer
import CWatchedFiles
import Glibc
import Synchronization

@testable import MessageStore

/// The files below one folder as the store and SQLite see them: a layer under both that syncs nothing, notes what is done
/// in one order, and lets calls fail.
///
/// Must outlive every database that was opened through it.
final class TestDisk: Sendable {
    enum Use: Sendable {
        /// Only spares the syncs.
        case plain
        /// Notes everything; SQLite's syncs are made, to learn which folders it syncs.
        case recording(Disk)
        case failing(DiskFault?)
    }

    struct State {
        var events: [DiskEvent] = []
        var names: [String: DiskNode] = [:]
        var nextFile = 0
        /// The files that the store opened. A number is given again after a close.
        var descriptors: [Int32: Int] = [:]
        var calls = 0
        var fault: DiskFault?
        /// The rows of the last commit.
        var rows: String?
    }

    let root: String
    /// For `Database.Options.vfs`: what appliances have, on top of ours.
    var vfs: String { String(cString: name) }
    let layerName: String
    private nonisolated(unsafe) let name: UnsafeMutablePointer<CChar>
    let isRecording: Bool
    let state: Mutex<State>

    private static let number = Atomic<Int>(0)

    /// - Parameter root: holds what the use says already.
    init(_ root: String, _ use: Use) {
        self.root = root
        layerName = "test-\(Self.number.wrappingAdd(1, ordering: .relaxed).newValue)"
        name = strdup("buffer-\(layerName)")
        var state = State()
        switch use {
        case .plain: isRecording = false
        case .recording(let disk):
            isRecording = true
            state.names = disk.currentNames
            state.nextFile = disk.nextFile
        case .failing(let fault):
            isRecording = false
            state.fault = fault
        }
        self.state = Mutex(state)
        if case .plain = use {
            watched_files_register(layerName, nil, 0)
        } else {
            registerHooks()
        }
        cwalbuffer_register(name, layerName)
    }

    deinit {
        cwalbuffer_unregister(name)
        watched_files_unregister(layerName)
        free(name)
    }

    var events: [DiskEvent] { state.withLock { $0.events } }

    /// The calls so far that could have failed.
    var calls: Int { state.withLock { $0.calls } }

    var hits: [DiskCall] { state.withLock { $0.fault?.hits ?? [] } }

    /// From the next call on.
    func fail(_ kind: DiskFault.Kind, ofIndex: Set<DiskCall>? = nil) {
        state.withLock { $0.fault = DiskFault(kind, at: $0.calls, ofIndex: ofIndex) }
    }

    /// The disk works again.
    func lift() { state.withLock { $0.fault?.lift() } }

    func committed(_ rows: String) {
        state.withLock { state in
            state.rows = rows
            if isRecording { state.events.append(.committed(rows: rows)) }
        }
    }

    func acknowledged(_ what: String, rows: [String] = []) { note { _ in .acknowledged(what, rows: rows) } }

    func path(of full: String) -> String {
        full.hasPrefix(root + "/") ? String(full.dropFirst(root.count + 1)) : ""
    }

    /// Counts the call, and says how it fails.
    func strike(_ call: DiskCall, isOfIndex: Bool = false) -> DiskFault.Kind? {
        state.withLock { state in
            defer { state.calls += 1 }
            return state.fault?.strike(call, number: state.calls, isOfIndex: isOfIndex)
        }
    }

    func note(_ make: (inout State) -> DiskEvent?) {
        guard isRecording else { return }
        state.withLock { state in
            if let event = make(&state) { state.events.append(event) }
        }
    }
}

extension TestDisk.State {
    mutating func create(_ path: String) -> DiskEvent {
        defer { nextFile += 1 }
        return rename([NameChange(path: path, node: .file(nextFile))])
    }

    mutating func rename(_ changes: [NameChange]) -> DiskEvent {
        for change in changes { names[change.path] = change.node }
        return .names(changes)
    }

    func file(_ path: String) -> Int? {
        if case .file(let number) = names[path] { number } else { nil }
    }
}
