import Glibc

/// The command line's side of the control socket. Blocks; for a process that has nothing else to do.
public final class Client {
    private let connection: Connection
    private let socketPath: String

    private init(_ connection: Connection, _ socketPath: String) {
        self.connection = connection
        self.socketPath = socketPath
    }

    /// Connects to the server that serves `directory`.
    ///
    /// - Returns: nil when no server listens there.
    /// - Throws: `unreachable` when there is one but it may not be spoken to.
    public static func connect(state directory: String) throws(Failure) -> Client? {
        let path = "\(directory)/\(SocketAddress.fileName)"
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw unreachable(path, "no socket could be made: \(text(errno))") }
        let connection = Connection(descriptor: descriptor)
        let outcome = SocketAddress.withAddress(of: SocketAddress.fileName, in: directory) {
            Glibc.connect(descriptor, $0, $1)
        }
        if outcome == 0 { return Client(connection, path) }
        switch errno {
        case ENOENT, ENOTDIR, ECONNREFUSED: return nil
        case EACCES, EPERM:
            throw unreachable(
                path, "it belongs to another user", next: "Run this as root, or as the server's own user.")
        default: throw unreachable(path, text(errno))
        }
    }

    /// Sends a request and waits for its outcome, however long that takes.
    ///
    /// - Parameter progress: is called with each sentence the server says meanwhile.
    /// - Throws: what the server refused, or `unreachable` when it went away: then it is unknown whether it was done.
    public func perform(
        _ request: Request, body: [UInt8] = [], progress: (String) -> Void = { _ in }
    ) throws(Failure) -> Outcome {
        let line: [UInt8]
        do {
            line = try Line.encode(request)
        } catch {
            throw Self.unreachable(socketPath, "the request cannot be written: \(error)")
        }
        guard line.count <= Line.octetsMax else {
            throw Failure(
                .usage, "request-too-long", tried: "send the request", obstacle: "it has over \(Line.octetsMax) octets",
                next: "Give less at once.")
        }
        do throws(Connection.Problem) {
            try connection.write(line)
            if !body.isEmpty { try connection.write(body) }
        } catch {
            // The server may have said why before it closed; `answer` finds that.
        }
        var rows: [[String?]] = []
        while true {
            switch try answer() {
            case .progress(let sentence): progress(sentence)
            case .rows(let more): rows += more
            case .failure(let failure): throw failure
            case .outcome(var outcome):
                if !rows.isEmpty, !outcome.reports.isEmpty { outcome.reports[0].rows.insert(contentsOf: rows, at: 0) }
                return outcome
            }
        }
    }

    private func answer() throws(Failure) -> Answer {
        do {
            guard let line = try connection.readLine() else { throw Connection.Problem.closed }
            return try Line.decode(Answer.self, line)
        } catch let problem as Connection.Problem {
            throw Self.unreachable(
                socketPath, "the server broke off (\(problem))",
                next: "Look with a list or show command whether it was done, and into the server's log.")
        } catch {
            throw Self.unreachable(
                socketPath, "its answer is not understood",
                next: "Server and command are probably of different versions: restart the server.")
        }
    }

    private static func unreachable(_ path: String, _ obstacle: String, next: String = "") -> Failure {
        Failure(.unreachable, "unreachable", tried: "speak to the server at \(path)", obstacle: obstacle, next: next)
    }

    private static func text(_ code: Int32) -> String { String(cString: strerror(code)) }
}
