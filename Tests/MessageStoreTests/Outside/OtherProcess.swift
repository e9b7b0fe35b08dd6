import Execution
import Glibc

/// Python with its sqlite3 module: a process that knows nothing of the store, as an administrator's or a backup's.
enum OtherProcess {
    struct Failure: Error {
        var text: String
    }

    /// Opens the index again and again, reads, at times writes and moves the log, closes, and tells when the log is gone;
    /// until a file says that it is enough.
    static let script = """
        import os, sqlite3, sys
        path, rounds = sys.argv[1], int(sys.argv[2])
        log = os.stat(path + "-wal").st_ino
        number = 0
        while number < rounds or not os.path.exists(path + "-enough"):
            other = sqlite3.connect(path, timeout=60, isolation_level=None)
            other.execute("SELECT count(*) FROM mailbox_message").fetchone()
            if number % 4 == 1:
                other.execute("BEGIN IMMEDIATE")
                other.execute("UPDATE store_info SET value = value")
                other.execute("COMMIT" if number % 8 == 1 else "ROLLBACK")
            if number % 16 == 7:
                other.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            other.close()
            if os.stat(path + "-wal").st_ino != log:
                sys.exit("the log is another file after round %d" % number)
            number += 1
        """

    /// Runs it and waits; what it says on its standard error is thrown.
    ///
    /// - Parameter rounds: at least so many, then until `enough` was called.
    static func run(_ path: String, rounds: Int) async throws {
        let errors = path + "-errors"
        let pool = BlockingPool(name: "other", threads: 1, queueMax: 1)
        defer {
            pool.stop()
            unlink(errors)
        }
        try await pool.run {
            let status = try spawn(["/usr/bin/python3", "-c", script, path, String(rounds)], errors: errors)
            guard status == 0 else { throw Failure(text: "status \(status): \(text(errors))") }
        }
    }

    static func enough(_ path: String) { close(open(path + "-enough", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)) }

    private static func spawn(_ words: [String], errors: String) throws -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        var arguments = words.map { strdup($0) } + [nil]
        var environment: [UnsafeMutablePointer<CChar>?] = [strdup("PATH=/usr/bin:/bin"), nil]
        defer { for pointer in arguments + environment { free(pointer) } }
        var process = pid_t()
        let code = posix_spawn(&process, words[0], &actions, nil, &arguments, &environment)
        guard code == 0 else { throw Failure(text: "\(words[0]): \(String(cString: strerror(code)))") }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        return status
    }

    private static func text(_ path: String) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var octets = [UInt8](repeating: 0, count: 4_096)
        let count = read(descriptor, &octets, octets.count)
        return String(decoding: octets.prefix(max(0, count)), as: UTF8.self)
    }
}
