internal import Glibc
internal import Synchronization

/// The one descriptor of a database file that is not SQLite's: opened before SQLite's first and never closed.
///
/// Closing any descriptor of the file would drop the POSIX locks that SQLite holds on it, and another process could
/// then delete the WAL under us. So these stay open until the process ends, one for each file.
enum RawFile {
    private struct Key: Hashable {
        var device: UInt
        var inode: UInt
    }

    private static let known = Mutex<[Key: Int32]>([:])

    /// The descriptor of the file at `path`, which is made when it is missing.
    static func descriptor(of path: String) throws(DatabaseError) -> Int32 {
        let outcome = known.withLock { known -> Result<Int32, DatabaseError> in
            var status = stat()
            if stat(path, &status) == 0,
                let descriptor = known[Key(device: UInt(status.st_dev), inode: UInt(status.st_ino))]
            {
                return .success(descriptor)
            }
            let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            guard descriptor >= 0, fstat(descriptor, &status) == 0 else {
                return .failure(.storage(operation: "open \(path)", detail: String(cString: strerror(errno))))
            }
            known[Key(device: UInt(status.st_dev), inode: UInt(status.st_ino))] = descriptor
            return .success(descriptor)
        }
        return try outcome.get()
    }

    /// Copies the file's octets to a new file at `path` and syncs that. Blocks.
    ///
    /// - Parameter octetsPerSecondMax: 0 for as fast as it goes.
    static func copy(_ descriptor: Int32, to path: String, octetsPerSecondMax: Int) throws(DatabaseError) {
        let target = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard target >= 0 else { throw failure("create \(path)") }
        defer { close(target) }
        let piece = 1 << 20
        let buffer = UnsafeMutableRawPointer.allocate(byteCount: piece, alignment: 4_096)
        defer { buffer.deallocate() }
        var offset = 0
        while true {
            let count = pread(descriptor, buffer, piece, off_t(offset))
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw failure("read the database") }
            if count == 0 { break }
            var written = 0
            while written < count {
                let step = write(target, buffer + written, count - written)
                if step < 0 && errno == EINTR { continue }
                guard step > 0 else { throw failure("write \(path)") }
                written += step
            }
            offset += count
            if octetsPerSecondMax > 0 { usleep(useconds_t(clamping: count * 1_000_000 / octetsPerSecondMax)) }
        }
        guard fsync(target) == 0 else { throw failure("sync \(path)") }
    }

    private static func failure(_ operation: String) -> DatabaseError {
        errno == ENOSPC
            ? .diskFull(operation: operation)
            : .storage(operation: operation, detail: String(cString: strerror(errno)))
    }
}
