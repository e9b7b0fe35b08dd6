import CSys
import Execution
import Glibc
import Synchronization

/// The signals that a server obeys, received on a thread that waits for them.
final class Signals: Sendable {
    enum Received: Sendable {
        /// SIGTERM or SIGINT: stop in order.
        case stop
        /// SIGHUP: read certificates again.
        case reload
    }

    let received: AsyncStream<Received>

    private static let obeyed: sigset_t = {
        var wanted = sigset_t()
        sigemptyset(&wanted)
        for number in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&wanted, number) }
        return wanted
    }()

    /// Blocks them for this thread and all that it will start. While the process has one thread: a thread that existed
    /// before would be ended by them, and the process with it.
    static func block() {
        signal(SIGPIPE, SIG_IGN)
        var wanted = obeyed
        pthread_sigmask(SIG_BLOCK, &wanted, nil)
    }

    /// Begins to receive what `block` held back.
    init() {
        let (stream, continuation) = AsyncStream.makeStream(of: Received.self)
        received = stream
        Thread.start(name: "signals") {
            var set = Self.obeyed
            while true {
                var number: Int32 = 0
                guard sigwait(&set, &number) == 0 else { continue }
                continuation.yield(number == SIGHUP ? .reload : .stop)
            }
        }
    }
}
