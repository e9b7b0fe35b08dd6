import ControlServer
import Directory
import Execution
import Glibc
import MailCore
import MailCrypto
import SQLite

/// A control socket in a folder of its own, and the built command run against it.
struct CommandFixture {
    struct Run {
        var code: Int32
        var output: String
        var errors: String
    }

    private struct NoStorage: AccountStorage {
        func createAccount(_ id: AccountID, domain: DomainID, in transaction: WriteTransaction) throws {}
        func removeAccount(_ id: AccountID, in transaction: WriteTransaction) throws {}
        func usage(of id: AccountID) async throws -> AccountUsage { AccountUsage(octets: 0, messages: 0) }
        func folders(of id: AccountID) async throws -> [FolderFacts] { [] }
    }

    private static let pool = BlockingPool(name: "test-hash", threads: 2, queueMax: 4_096)
    /// Apart from the hashes, for which the commands wait.
    private static let spawning = BlockingPool(name: "test-spawn", threads: 4, queueMax: 4_096)

    let folder: String

    static func with(_ body: (CommandFixture) async throws -> Void) async throws {
        var template = Array("/tmp/postino-command-XXXXXX".utf8CString)
        precondition(mkdtemp(&template) != nil)
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let database = try Database(options: .init(path: "\(folder)/mail.db", chapters: [Registry.chapter]))
        let registry = Registry(database: database, hashing: pool, cost: .lab)
        let listener = try Listener(
            state: folder, administrator: Administrator(registry: registry, storage: NoStorage()))
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body(CommandFixture(folder: folder)))
        } catch {
            outcome = .failure(error)
        }
        listener.stop()
        await database.close()
        for name in ["mail.db", "mail.db-wal", "mail.db-shm", "in", "out", "err", "list"] {
            unlink("\(folder)/\(name)")
        }
        rmdir(folder)
        try outcome.get()
    }

    /// Runs `postino ARGUMENTS --state FOLDER`.
    func run(_ arguments: String..., input: String = "") async throws -> Run {
        try await run(arguments, input: input)
    }

    func run(_ arguments: [String], input: String = "") async throws -> Run {
        try await Self.spawning.run { [self] in
            write(input, to: "in")
            return try spawn(arguments + ["--state", folder])
        }
    }

    func write(_ text: String, to name: String) {
        let file = open("\(folder)/\(name)", O_CREAT | O_TRUNC | O_WRONLY, 0o600)
        let octets = Array(text.utf8)
        precondition(Glibc.write(file, octets, octets.count) == octets.count)
        close(file)
    }

    private func spawn(_ arguments: [String]) throws -> Run {
        var path = [CChar](repeating: 0, count: 4_096)
        precondition(readlink("/proc/self/exe", &path, path.count - 1) > 0)
        let own = String(decoding: path.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let binary =
            own.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/") + "/postino"
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "\(folder)/in", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "\(folder)/out", O_CREAT | O_TRUNC | O_WRONLY, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, "\(folder)/err", O_CREAT | O_TRUNC | O_WRONLY, 0o600)
        var words: [UnsafeMutablePointer<CChar>?] = ([binary] + arguments).map { strdup($0) }
        defer { words.forEach { free($0) } }
        words.append(nil)
        var child = pid_t()
        precondition(posix_spawn(&child, binary, &actions, nil, words, environ) == 0, "\(binary) cannot be run")
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 && errno == EINTR {}
        return Run(code: (status >> 8) & 0xff, output: read("out"), errors: read("err"))
    }

    private func read(_ name: String) -> String {
        let file = open("\(folder)/\(name)", O_RDONLY)
        defer { close(file) }
        var octets = [UInt8](repeating: 0, count: 4 << 20)
        return String(decoding: octets[..<max(0, Glibc.read(file, &octets, octets.count))], as: UTF8.self)
    }
}
