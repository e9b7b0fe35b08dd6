import Testing

@testable import MessageStore

/// A test that cannot fail proves nothing: each kind of sync is taken away, and mail must be seen to be lost.
@Suite("The power goes on a disk that lies", .serialized)
struct CrashControlTests {
    enum Lie: String, CaseIterable, Sendable {
        case segments, folders, spools, log, database

        func forgets(_ event: DiskEvent, _ paths: [Int: String]) -> Bool {
            switch event {
            case .sync(let file, _):
                let path = paths[file] ?? ""
                switch self {
                // A file of incoming/ becomes a segment by its last name.
                case .segments: return path.hasPrefix("segments/")
                case .spools: return path.hasPrefix("incoming/")
                case .log: return path == "mail.db-wal"
                case .database: return path == "mail.db"
                case .folders: return false
                }
            case .syncFolder(let path, _): return self == .folders && path.hasPrefix("segments")
            default: return false
            }
        }
    }

    @Test("a sync that is said to be done and is not loses mail, and this is seen", arguments: Lie.allCases)
    func lies(_ lie: Lie) async throws {
        try await withFolder { folder in
            let honest = try await Recording.make(Script(seed: 1), seed: 1, in: folder + "/live")
            let paths = honest.firstPaths
            let lying = honest.without { lie.forgets($0, paths) }
            var random = SeededRandom(1)
            let judge = Judge(folder + "/dead")
            var tried = 0
            var findings: [String] = []
            await lying.replay(at: lying.points(200, &random)) { _, disk, allowed in
                let image = disk.image(random.isTrue() ? .none : .torn4096, &random)
                findings = await judge.findings(image, allowed: allowed, sent: lying.sent)
                tried += 1
                return findings.isEmpty
            }
            #expect(!findings.isEmpty, "\(tried) times the power went, and nothing was found to be lost")
        }
    }

    @Test(
        "the script compacts a segment and removes one, so that the power can go in that", arguments: CrashTests.seeds)
    func reach(seed: Int) async throws {
        try await withFolder { folder in
            let recording = try await Recording.make(Script(seed: seed), seed: seed, in: folder)
            let changes = recording.events.flatMap { event -> [NameChange] in
                if case .names(let changes) = event { changes } else { [] }
            }
            #expect(changes.contains { $0.path.hasPrefix("incoming/compaction-") && !$0.isFile })
            #expect(changes.contains { $0.path.hasPrefix("segments/") && !$0.isFile })
        }
    }
}

extension NameChange {
    fileprivate var isFile: Bool { if case .file = node { true } else { false } }
}

extension Recording {
    /// The first name of each file.
    fileprivate var firstPaths: [Int: String] {
        var paths: [Int: String] = [:]
        for case .names(let changes) in events {
            for change in changes {
                if case .file(let number) = change.node, paths[number] == nil { paths[number] = change.path }
            }
        }
        return paths
    }
}
