import Glibc
import MailCore
import NIOCore
import SQLite
import Synchronization
import Testing

@testable import MessageStore

@Suite("From outside")
struct OutsideTests {
    @Test("another process opens, reads, writes and closes mail.db under load: nothing is lost, the log stays ours")
    func otherProcess() async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder)
            let inode = Self.inode(of: folder + "/mail.db-wal")
            let load = Load(test)
            let delivered = try await withThrowingTaskGroup(of: [String].self) { group in
                group.addTask { try await load.copy(to: folder) }
                group.addTask {
                    defer { load.isOver.store(true, ordering: .relaxed) }
                    try await OtherProcess.run(folder + "/mail.db", rounds: Effort.of(100, long: 3_000))
                    return []
                }
                group.addTask {
                    defer { OtherProcess.enough(folder + "/mail.db") }
                    return try await load.deliver(Effort.of(300, long: 5_000))
                }
                return try await group.reduce(into: [String]()) { $0 += $1 }
            }
            #expect(Self.inode(of: folder + "/mail.db-wal") == inode)
            await test.close()
            let again = try await TestStore(folder)
            #expect(try await Self.subjects(again).sorted() == delivered.sorted())
            #expect(try await again.store.check() == [])
            await again.close()
        }
    }

    /// A control of the test above, and why `RawFile` never closes its descriptor.
    @Test("a descriptor of mail.db that is closed beside SQLite gives its locks away: then the log is gone")
    func closedDescriptor() async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder)
            try await test.deliver("one")
            OtherProcess.enough(folder + "/mail.db")
            try await OtherProcess.run(folder + "/mail.db", rounds: 3)
            close(open(folder + "/mail.db", O_RDONLY | O_CLOEXEC))
            await #expect(throws: OtherProcess.Failure.self) {
                try await OtherProcess.run(folder + "/mail.db", rounds: 3)
            }
            await test.close()
        }
    }

    @Test("an older mail.db put back beside the same open segment is refused: what it does not know is not given up")
    func olderIndex() async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder)
            try await test.deliver("one")
            try await test.database.copy(to: folder + "/older.db")
            for index in 0..<3 { try await test.deliver("later \(index)") }
            await test.close()
            for name in ["mail.db-wal", "mail.db-shm"] { unlink(folder + "/" + name) }
            Folder.copy(folder + "/older.db", to: folder + "/mail.db")
            do {
                let older = try await TestStore(folder)
                await older.close()
                Issue.record("the older index is taken")
            } catch StoreError.olderIndex {}
        }
    }

    /// What goes on meanwhile.
    private final class Load: Sendable {
        let isOver = Atomic<Bool>(false)
        private let test: TestStore

        init(_ test: TestStore) { self.test = test }

        /// Three at a time. Returns what was acknowledged.
        func deliver(_ count: Int) async throws -> [String] {
            try await withThrowingTaskGroup(of: [String].self) { [test] group in
                for task in 0..<3 {
                    group.addTask {
                        let names = (0..<(count / 3)).map { "\(task)-\($0)" }
                        for name in names { try await test.deliver(name) }
                        return names
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
        }

        /// As backups do: they read the file itself.
        func copy(to folder: String) async throws -> [String] {
            var count = 0
            while !isOver.load(ordering: .relaxed) {
                count += 1
                do {
                    try await test.database.copy(to: folder + "/copy-\(count).db", octetsPerSecondMax: 0)
                } catch DatabaseError.busy {
                    // The other process moves the log just then.
                }
                unlink(folder + "/copy-\(count).db")
            }
            return []
        }
    }

    private static func inode(of path: String) -> UInt {
        var status = stat()
        return stat(path, &status) == 0 ? UInt(status.st_ino) : 0
    }

    private static func subjects(_ test: TestStore) async throws -> [String] {
        let inbox = try await test.inbox()
        var names: [String] = []
        var next: UInt32 = 1
        while true {
            let page = try await test.store.details(
                of: inbox.id, account: TestStore.ann, uids: next...UInt32.max, limit: 500, want: [.body])
            guard let last = page.last else { return names }
            for octets in try await test.store.octets(of: page.compactMap(\.body)) {
                let name = subject(of: String(buffer: octets))
                names.append(octets == message(name) ? name : "damaged")
            }
            next = last.summary.uid.rawValue + 1
        }
    }
}
