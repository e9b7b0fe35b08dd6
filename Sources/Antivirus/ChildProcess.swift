import CSys
import Glibc

/// The scanner's first process, our ends of its socket and of its standard error.
struct ChildProcess {
    let pid: pid_t
    /// `SOCK_SEQPACKET`, never waits.
    let socket: Int32
    let errors: Int32

    struct Failure: Error { var reason: String }

    /// Starts the program with four descriptors: /dev/null twice, a pipe as standard error, the socket as 3.
    ///
    /// To be called on a thread that lives as long as the child should: the child asks to be killed with the thread
    /// that made it (PR_SET_PDEATHSIG).
    static func start(_ executable: String, _ arguments: [String]) throws(Failure) -> ChildProcess {
        var sockets: [Int32] = [-1, -1]
        var pipes: [Int32] = [-1, -1]
        let type = Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &sockets) == 0 else { throw Failure(reason: "no socket pair: \(lastError)") }
        guard csys_pipe(&pipes) == 0 else {
            let reason = "no pipe: \(lastError)"
            close(all: sockets)
            throw Failure(reason: reason)
        }
        // Above the numbers that the child gets, so that none of them is overwritten before it is copied.
        let theirs = [fcntl(sockets[1], F_DUPFD_CLOEXEC, 10), fcntl(pipes[1], F_DUPFD_CLOEXEC, 10)]
        defer { close(all: theirs + [sockets[1], pipes[1]]) }
        _ = fcntl(sockets[0], F_SETFL, O_NONBLOCK)
        _ = fcntl(pipes[0], F_SETFL, O_NONBLOCK)
        do throws(Failure) {
            let pid = try spawn(executable, arguments, socket: theirs[0], errors: theirs[1])
            return ChildProcess(pid: pid, socket: sockets[0], errors: pipes[0])
        } catch {
            close(all: [sockets[0], pipes[0]])
            throw error
        }
    }

    private static func spawn(
        _ executable: String, _ arguments: [String], socket: Int32, errors: Int32
    ) throws(Failure) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, errors, 2)
        posix_spawn_file_actions_adddup2(&actions, socket, 3)
        csys_spawn_close_from(&actions, 4)
        // Default signals, none blocked, and a process group of its own: Ctrl-C at a terminal is for the server, which
        // still has messages to scan.
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
        posix_spawnattr_setflags(&attributes, Int16(flags))

        var environment = ["LANG=C.UTF-8", "PATH=/usr/bin:/bin"]
        if let libraries = getenv("LD_LIBRARY_PATH") {
            environment.append("LD_LIBRARY_PATH=\(String(cString: libraries))")
        }
        var pid: pid_t = 0
        let failure = withCStrings(arguments) { arguments in
            withCStrings(environment) { posix_spawn(&pid, executable, &actions, &attributes, arguments, $0) }
        }
        guard failure == 0 else {
            throw Failure(reason: "cannot start \(executable): \(String(cString: strerror(failure)))")
        }
        return pid
    }

    /// Ends the process and its children and waits for that: first by closing the socket, at which they tidy up and
    /// leave, then by force. All of them hold the pipe, so its end is the end of the last.
    func end() {
        Self.close(all: [socket])
        awaitEnd(milliseconds: 1_000)
        kill(pid, SIGKILL)
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        awaitEnd(milliseconds: 1_000)
        Self.close(all: [errors])
    }

    private func awaitEnd(milliseconds: Int) {
        let deadline = Clock.now() + milliseconds
        var rest = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = read(errors, &rest, rest.count)
            if count == 0 { return }
            if count > 0 { continue }
            var polled = pollfd(fd: errors, events: Int16(POLLIN), revents: 0)
            guard poll(&polled, 1, Int32(clamping: max(0, deadline - Clock.now()))) > 0 else { return }
        }
    }

    private static func withCStrings<Result>(
        _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        var pointers = strings.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        return pointers.withUnsafeMutableBufferPointer { body($0.baseAddress!) }
    }

    private static func close(all descriptors: [Int32]) {
        for descriptor in descriptors where descriptor >= 0 { _ = Glibc.close(descriptor) }
    }

    private static var lastError: String { String(cString: strerror(errno)) }
}
