import CSys
import Execution
import Glibc
import Synchronization

/// The signals that a server obeys, received on a thread that waits for them.
///
/// Blocked in `init`, before any other thread starts, so that every thread inherits that and none is interrupted.
final class Signals: Sendable {
    enum Received: Sendable {
        /// SIGTERM or SIGINT: stop in order.
        case stop
        /// SIGHUP: read certificates again.
        case reload
    }

    let received: AsyncStream<Received>

    init() {
        signal(SIGPIPE, SIG_IGN)
        var wanted = sigset_t()
        sigemptyset(&wanted)
        for number in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&wanted, number) }
        pthread_sigmask(SIG_BLOCK, &wanted, nil)
        let (stream, continuation) = AsyncStream.makeStream(of: Received.self)
        received = stream
        Thread.start(name: "signals") { [wanted] in
            var set = wanted
            while true {
                var number: Int32 = 0
                guard sigwait(&set, &number) == 0 else { continue }
                continuation.yield(number == SIGHUP ? .reload : .stop)
            }
        }
    }
}
