import Glibc
import NIOCore

/// A message and its envelope in a folder, under a name of their own.
enum CapturedFile {
    struct Failure: Error, CustomStringConvertible { var description: String }

    /// A message that goes to many recipients is caught more than once.
    private static let namesMax = 10_000

    /// On disk when it returns. The envelope goes first: where there is an .eml, its envelope is there too.
    ///
    /// - Returns: the name of both files, without their endings.
    static func write(_ octets: ByteBuffer, _ envelope: ByteBuffer, to folder: String, number: Int64) throws -> String {
        if mkdir(folder, 0o700) != 0, errno != EEXIST { throw failure() }
        for count in 0..<namesMax {
            let name = "\(number)-\(count)"
            // The envelope's file claims the name.
            let file = open("\(folder)/\(name).json", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            if file < 0, errno == EEXIST { continue }
            try fill(file, envelope)
            let temporary = "\(folder)/\(name).new"
            try fill(open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600), octets)
            guard rename(temporary, "\(folder)/\(name).eml") == 0 else { throw failure() }
            try sync(folder)
            return name
        }
        throw Failure(description: "there are too many files of message \(number)")
    }

    /// Writes, syncs and closes.
    private static func fill(_ file: Int32, _ octets: ByteBuffer) throws {
        guard file >= 0 else { throw failure() }
        defer { close(file) }
        try octets.withUnsafeReadableBytes { bytes in
            var written = 0
            while written < bytes.count {
                let count = Glibc.write(file, bytes.baseAddress?.advanced(by: written), bytes.count - written)
                guard count > 0 else { throw failure() }
                written += count
            }
        }
        guard fsync(file) == 0 else { throw failure() }
    }

    private static func sync(_ folder: String) throws {
        let file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0 else { throw failure() }
        defer { close(file) }
        guard fsync(file) == 0 else { throw failure() }
    }

    private static func failure() -> Failure { Failure(description: String(cString: strerror(errno))) }
}
