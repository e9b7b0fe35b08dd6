public import Control
import Glibc

/// A `localserve` that goes on when its command has returned.
public enum Detached {
    /// Starts this program again with `arguments` in a session of its own, and returns when `DIR/env` is there.
    ///
    /// - Returns: the env file's text.
    /// - Throws: with the child's own last words, when it ended instead.
    public static func start(arguments: [String], state: String) async throws(Failure) -> String {
        do {
            try StateFolder.prepare(state)
        } catch {
            throw .start(error)
        }
        let environment = state + "/env"
        let logFile = state + "/localserve.log"
        unlink(environment)
        let child = try spawn(arguments, logFile)
        while true {
            if let text = SmallFile.read(environment), !text.isEmpty { return text }
            var status: Int32 = 0
            if waitpid(child, &status, WNOHANG) == child {
                let code = ExitCode(rawValue: (status >> 8) & 0xff) ?? .failed
                throw Failure(
                    code == .done ? .failed : code, "not-started", tried: "start",
                    obstacle: lastWords(logFile), next: "The log is \(logFile).")
            }
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    private static func spawn(_ arguments: [String], _ logFile: String) throws(Failure) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, logFile, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Int16(0x80))  // POSIX_SPAWN_SETSID, which Swift does not see.
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
        words.append(nil)
        defer { for word in words { free(word) } }
        var child: pid_t = 0
        let failure = posix_spawn(&child, "/proc/self/exe", &actions, &attributes, words, environ)
        guard failure == 0 else {
            throw Failure(.failed, "spawn", tried: "start", obstacle: String(cString: strerror(failure)))
        }
        return child
    }

    private static func lastWords(_ logFile: String) -> String {
        let lines = (SmallFile.read(logFile) ?? "").split(separator: "\n").map(String.init)
        let marker = "Could not start: "
        guard let said = lines.last(where: { $0.contains(marker) }), let start = said.ranges(of: marker).first else {
            return lines.last ?? "it ended without a word"
        }
        return String(said[start.upperBound...].drop { $0 == " " }).trimmingSuffix(".")
    }
}

extension String {
    fileprivate func trimmingSuffix(_ end: String) -> String { hasSuffix(end) ? String(dropLast(end.count)) : self }
}
