import Control
import Glibc

/// Reads files whole, as the user who runs the command.
enum InputFile {
    /// - Parameter path: "-" is standard input.
    static func read(_ path: String, octetsMax: Int) throws(Failure) -> [UInt8] {
        let descriptor = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path, String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var octets: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &piece, piece.count)
            if count == 0 { return octets }
            if count < 0 {
                if errno == EINTR { continue }
                throw failure(path, String(cString: strerror(errno)))
            }
            octets += piece[..<count]
            guard octets.count <= octetsMax else { throw failure(path, "it has over \(octetsMax) octets") }
        }
    }

    static func failure(_ path: String, _ obstacle: String) -> Failure {
        Failure(
            .failed, "unreadable", tried: "read \(path == "-" ? "standard input" : path)", obstacle: obstacle)
    }
}
