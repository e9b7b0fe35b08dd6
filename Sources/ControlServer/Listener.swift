public import Control
import Execution
import Glibc
import Observation
import Synchronization

/// The control socket of a running server: `STATE/control.sock`, mode 0600, for the server's own user and root.
///
/// It has threads of its own, eight connections at once; who comes then waits. Requests run as tasks.
public final class Listener: Sendable {
    public static let connectionsMax = 8
    /// A client that neither sends nor takes anything for so long is dropped. Waiting for an answer does not count.
    static let silenceSecondsMax = 60

    private let descriptor: Int32
    private let state: String
    private let administrator: Administrator
    private let places = Semaphore(value: UInt32(Listener.connectionsMax))
    private let isStopped = Atomic<Bool>(false)
    private let ended = Semaphore()

    /// Listens. Whoever calls holds `STATE/lock`, so that a socket found there is a dead server's.
    ///
    /// - Throws: `Failure` when the socket cannot be made.
    public init(state: String, administrator: Administrator) throws(Failure) {
        self.state = state
        self.administrator = administrator
        descriptor = try Self.listen(state)
        Thread.start(name: "control") { [self] in acceptClients() }
    }

    /// Takes no more connections and removes the socket. Requests that run go on.
    public func stop() {
        guard !isStopped.exchange(true, ordering: .acquiringAndReleasing) else { return }
        unlink("\(state)/\(SocketAddress.fileName)")
        shutdown(descriptor, Int32(SHUT_RDWR))
        places.signal()  // The thread may wait for a place; a spare one does no harm now.
        ended.wait()
    }

    private func acceptClients() {
        defer {
            close(descriptor)
            ended.signal()
        }
        while true {
            places.wait()
            if isStopped.load(ordering: .acquiring) { return }
            let client = accept(descriptor, nil, nil)
            guard client >= 0 else {
                let code = errno
                places.signal()
                if isStopped.load(ordering: .acquiring) { return }
                if code == EMFILE || code == ENFILE || code == ENOMEM || code == ENOBUFS { usleep(100_000) }
                continue
            }
            _ = fcntl(client, F_SETFD, FD_CLOEXEC)
            Thread.start(name: "control-client") { [self] in
                Session(client, administrator).serve()
                places.signal()
            }
        }
    }

    /// Made under another name and renamed when it is ready, so that nobody meets one with another mode, or a dead one.
    private static func listen(_ state: String) throws(Failure) -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw failure(state, "socket") }
        let new = "\(SocketAddress.fileName).new"
        unlink("\(state)/\(new)")
        let steps: [(String, () -> Int32)] = [
            ("bind", { SocketAddress.withAddress(of: new, in: state) { bind(descriptor, $0, $1) } }),
            ("chmod", { chmod("\(state)/\(new)", 0o600) }),
            ("listen", { Glibc.listen(descriptor, 64) }),
            ("rename", { rename("\(state)/\(new)", "\(state)/\(SocketAddress.fileName)") }),
        ]
        for (name, step) in steps where step() != 0 {
            let problem = failure(state, name)
            close(descriptor)
            throw problem
        }
        return descriptor
    }

    private static func failure(_ state: String, _ step: String) -> Failure {
        Failure(
            .failed, "no-control-socket", tried: "make the control socket in \(state)",
            obstacle: "\(step): \(String(cString: strerror(errno)))",
            next: "The folder must be the server's own, on a local disk with space.")
    }
}
