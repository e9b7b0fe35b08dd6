import Execution
import Glibc
import IMAP
import IMAPServer
import MailCore
import MessageStore
import NIOCore
import SQLite

struct Benchmark {
    let messages: Int
    /// Nil for one that is removed afterwards.
    let folder: String?
    let only: String
    private static let account = AccountID(rawValue: 1)

    func run() async throws {
        if let folder {
            mkdir(folder, 0o700)
            return try await run(in: folder)
        }
        var template = Array("/tmp/postino-bench-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) } ?? ""
        }
        guard !made.isEmpty else { return print("no temporary folder can be made") }
        defer { Folder.remove(made) }
        try await run(in: made)
    }

    private func run(in folder: String) async throws {
        let cpu = BlockingPool(name: "cpu", threads: 2, queueMax: 100_000)
        let files = BlockingPool(name: "files", threads: 2, queueMax: 100_000)
        let database = try Database(options: .init(path: folder + "/mail.db", chapters: [MessageStore.chapter]))
        let store = try MessageStore(
            options: .init(directory: folder), database: database, cpu: cpu, files: files)
        let isNew = try await database.read { try $0.integer("SELECT count(*) FROM account_state") } == 0
        if isNew {
            try await database.write { transaction in
                for account in [Self.account, Deliveries.account] {
                    try store.createAccount(account, domain: .none, in: transaction)
                }
            }
        }
        try await withTaskExecutorPreference(cpu) {
            if isNew { try await fill(store) }
            let searches = try await Searches(
                store: store, account: Self.account, messages: messages, only: only)
            try await searches.measureRows()
            print("\nwithout an index")
            try await searches.measureSome()
            try await index(store, folder)
            print("\nwith the index")
            try await searches.measureAll()
            if only.isEmpty { try await deliver(store, folder) }
        }
        await store.search.stop()
        await database.close()
        cpu.stop()
        files.stop()
    }

    private func fill(_ store: MessageStore) async throws {
        let start = Moment()
        let writer = MailWriter()
        var next = 0
        var octets = 0
        while next < messages {
            let batch = next..<min(next + 256, messages)
            octets += try await withThrowingTaskGroup(of: Int.self) { group in
                for number in batch {
                    let text = writer.message(number)
                    group.addTask {
                        let staged = try await store.stage(text)
                        try await store.deliver(
                            staged, to: [LocalCopy(account: Self.account, prefix: writer.prefix(number))])
                        return text.readableBytes
                    }
                }
                return try await group.reduce(0, +)
            }
            next = batch.upperBound
        }
        let spent = Moment().since(start)
        print("\(messages) messages of \(octets / max(1, messages)) octets delivered in \(Int(spent.wall)) ms")
    }

    private func index(_ store: MessageStore, _ folder: String) async throws {
        let start = Moment()
        store.search.start()
        await store.search.catchUp()
        let spent = Moment().since(start)
        let count = Double(max(1, messages))
        let octets = Folder.octets(folder + "/search")
        print(
            "\nindexed: \(Int(spent.cpu * 1_000 / count)) µs of CPU a message, \(Int(count / spent.wall * 1_000)) a second;",
            "files of \(octets >> 20) MiB, \(octets / max(1, messages)) octets a message")
    }
}

extension Benchmark {
    /// How much slower mail comes in while all of the index is made anew.
    private func deliver(_ store: MessageStore, _ folder: String) async throws {
        print("\ndeliveries of 8 at a time")
        let deliveries = Deliveries(store: store)
        try await deliveries.measure("with nothing to index", from: 0)
        unlink("\(folder)/search/\(Self.account.rawValue).db")
        // Asked for, it is missed.
        _ = await store.search.answer(Needle("zqfew0"), in: .text, of: Self.account)
        async let isIndexed: Void = store.search.catchUp()
        try await deliveries.measure("beside the indexing", from: Deliveries.count)
        await isIndexed
        try await deliveries.measure("with nothing to index", from: 2 * Deliveries.count)
    }
}

/// A moment, in wall time and in CPU time of the process; milliseconds.
struct Moment {
    var wall: Double
    var cpu: Double

    init() {
        wall = Self.read(CLOCK_MONOTONIC)
        cpu = Self.read(CLOCK_PROCESS_CPUTIME_ID)
    }

    func since(_ start: Moment) -> Moment {
        var spent = self
        spent.wall -= start.wall
        spent.cpu -= start.cpu
        return spent
    }

    private static func read(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) * 1_000 + Double(time.tv_nsec) / 1_000_000
    }
}

enum Folder {
    static func remove(_ path: String) {
        for name in names(path) { remove(path + "/" + name) }
        if unlink(path) != 0 { rmdir(path) }
    }

    static func octets(_ path: String) -> Int {
        names(path).reduce(0) { sum, name in
            var status = stat()
            return stat(path + "/" + name, &status) == 0 ? sum + Int(status.st_size) : sum
        }
    }

    private static func names(_ path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
