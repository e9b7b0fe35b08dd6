import Control
import Execution
import Glibc
import Logging
import Observation
import Synchronization

/// One connection to the control socket, served by one thread: reads a request, runs it as a task, writes its answers.
final class Session: Sendable {
    private let descriptor: Int32
    private let administrator: Administrator
    private let answers = Mutex<[Answer]>([])
    private let wakeUp = Semaphore()

    /// Takes over `descriptor`.
    init(_ descriptor: Int32, _ administrator: Administrator) {
        self.descriptor = descriptor
        self.administrator = administrator
    }

    func serve() {
        let connection = Connection(descriptor: descriptor)
        connection.setTimeout(seconds: Listener.silenceSecondsMax)
        do {
            guard let user = PeerIdentity.user(of: descriptor), user == geteuid() || user == 0 else {
                try send(
                    .failure(Self.failure("unreachable", "only root and the server's own user may", .unreachable)),
                    on: connection)
                return
            }
            while let line = try connection.readLine() {
                guard let (request, body) = try request(line, connection) else { return }
                try perform(request, body, connection)
            }
        } catch {
            Log.logger("control").debug("connection ended", metadata: ["why": "\(error)"])
        }
    }

    /// Nil when what came is not understood: then nobody knows where the next request begins.
    private func request(_ line: [UInt8], _ connection: Connection) throws -> (Request, [UInt8])? {
        guard let request = try? Line.decode(Request.self, line) else {
            let next = "Server and command are probably of different versions: restart the server."
            try send(
                .failure(Self.failure("bad-request", "the request is not understood", .failed, next)), on: connection)
            return nil
        }
        guard let octets = request.bodyOctets else {
            try send(.failure(Self.failure("too-much", "too much at once", .refused)), on: connection)
            return nil
        }
        return (request, octets > 0 ? try connection.readOctets(octets) : [])
    }

    private func perform(_ request: Request, _ body: [UInt8], _ connection: Connection) throws {
        Task { [self, administrator] in
            do throws(Failure) {
                add(.outcome(try await administrator.perform(request, body: body) { self.add(.progress($0)) }))
            } catch {
                add(.failure(error))
            }
        }
        while true {
            wakeUp.wait()
            let ready = answers.withLock { waiting in
                defer { waiting = [] }
                return waiting
            }
            for answer in ready {
                try send(answer, on: connection)
                switch answer {
                case .outcome, .failure: return
                case .progress, .rows: break
                }
            }
        }
    }

    private func add(_ answer: Answer) {
        answers.withLock { $0.append(answer) }
        wakeUp.signal()
    }

    /// A long listing goes ahead in pieces, so that no line is longer than the other side reads.
    private func send(_ answer: Answer, on connection: Connection) throws {
        guard case .outcome(var outcome) = answer, let report = outcome.reports.first, report.rows.count > 100 else {
            try connection.write(try Line.encode(answer))
            return
        }
        for piece in RowPieces.split(report.rows) { try connection.write(try Line.encode(Answer.rows(piece))) }
        outcome.reports[0].rows = []
        try connection.write(try Line.encode(Answer.outcome(outcome)))
    }

    private static func failure(
        _ word: String, _ obstacle: String, _ code: ExitCode, _ next: String = ""
    ) -> Failure {
        Failure(code, word, tried: "do this on the running server", obstacle: obstacle, next: next)
    }
}
