internal import CSys
internal import Glibc
internal import NIOCore
internal import Observation

/// The calls to the file system on which durability rests, as values: a test puts others in their place that drop or
/// tear what was not synced.
struct FileLayer: Sendable {
    /// pwritev, all of it or an error; a torn tail may be left behind the offset.
    var pwritev: @Sendable (_ descriptor: Int32, _ parts: UnsafeBufferPointer<iovec>, _ offset: Int) -> Int
    var fdatasync: @Sendable (_ descriptor: Int32) -> Int32
    /// Opens, fsyncs and closes a directory.
    var syncDirectory: @Sendable (_ path: String) -> Int32
    var rename: @Sendable (_ from: String, _ to: String) -> Int32
    var unlink: @Sendable (_ path: String) -> Int32
    /// Mode 0700.
    var mkdir: @Sendable (_ path: String) -> Int32
    /// O_CREAT, O_EXCL, O_RDWR.
    var openNew: @Sendable (_ path: String) -> Int32
    /// O_WRONLY, of a file that is there.
    var openWriting: @Sendable (_ path: String) -> Int32
    var ftruncate: @Sendable (_ descriptor: Int32, _ octets: Int) -> Int32
    /// O_RDONLY.
    var openReading: @Sendable (_ path: String) -> Int32
    var pread: @Sendable (_ descriptor: Int32, _ octets: UnsafeMutableRawBufferPointer, _ offset: Int) -> Int
    /// What an ordinary user may still write on the file system of a path; nil when it cannot be told.
    var freeOctets: @Sendable (_ path: String) -> Int64?

    static let system = FileLayer(
        pwritev: { Glibc.pwritev($0, $1.baseAddress, Int32(clamping: $1.count), off_t($2)) },
        fdatasync: { Glibc.fdatasync($0) },
        syncDirectory: { path in
            let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard descriptor >= 0 else { return -1 }
            defer { close(descriptor) }
            return fsync(descriptor)
        },
        rename: { Glibc.rename($0, $1) },
        unlink: { Glibc.unlink($0) },
        mkdir: { Glibc.mkdir($0, 0o700) },
        openNew: { open($0, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600) },
        openWriting: { open($0, O_WRONLY | O_CLOEXEC) },
        ftruncate: { Glibc.ftruncate($0, off_t($1)) },
        openReading: { open($0, O_RDONLY | O_CLOEXEC) },
        pread: { Glibc.pread($0, $1.baseAddress, $1.count, off_t($2)) },
        freeOctets: { path in
            var facts = statvfs()
            guard statvfs(path, &facts) == 0 else { return nil }
            return Int64(clamping: UInt64(facts.f_bavail) &* UInt64(facts.f_frsize))
        })

    static let syncs = Counter("postino_store_syncs_total", help: "Syncs of message files and their folders.")

    static func failure(_ operation: String) -> StoreError {
        errno == ENOSPC || errno == EDQUOT
            ? .diskFull : .storage(operation: operation, detail: String(cString: strerror(errno)))
    }

    func create(_ path: String) throws(StoreError) -> Int32 {
        let descriptor = openNew(path)
        guard descriptor >= 0 else { throw Self.failure("create \(path)") }
        return descriptor
    }

    func openForWriting(_ path: String) throws(StoreError) -> Int32 {
        let descriptor = openWriting(path)
        guard descriptor >= 0 else { throw Self.failure("open \(path)") }
        return descriptor
    }

    /// Gives back what is behind `octets`; where that fails it stays, and does no harm.
    func truncate(_ descriptor: Int32, to octets: Int) { _ = ftruncate(descriptor, octets) }

    /// Writes `first` and `second` in a row, in one call where the system takes it whole. When it throws, part of them
    /// may stand behind `offset`: write there again.
    func write(
        _ descriptor: Int32, _ first: ByteBuffer, _ second: ByteBuffer = ByteBuffer(), at offset: Int
    ) throws(StoreError) {
        var done = 0
        let all = first.readableBytes + second.readableBytes
        while done < all {
            let count = first.withUnsafeReadableBytes { head in
                second.withUnsafeReadableBytes { body in
                    let parts = [Self.part(head, from: done), Self.part(body, from: max(0, done - head.count))]
                    return parts.withUnsafeBufferPointer { pwritev(descriptor, $0, offset + done) }
                }
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw Self.failure("write") }
            done += count
        }
    }

    private static func part(_ octets: UnsafeRawBufferPointer, from start: Int) -> iovec {
        let rest = octets.dropFirst(start)
        return iovec(
            iov_base: UnsafeMutableRawPointer(mutating: UnsafeRawBufferPointer(rebasing: rest).baseAddress),
            iov_len: rest.count)
    }

    /// Reads up to `count` octets to the end of `buffer`; returns how many, 0 at the end of the file.
    func read(
        _ descriptor: Int32, _ count: Int, at offset: Int, into buffer: inout ByteBuffer
    ) throws(StoreError) -> Int {
        var outcome = 0
        let read = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { room in
            outcome = pread(descriptor, UnsafeMutableRawBufferPointer(rebasing: room.prefix(count)), offset)
            return max(0, outcome)
        }
        guard outcome >= 0 else { throw Self.failure("read") }
        return read
    }

    func sync(_ descriptor: Int32) throws(StoreError) {
        Self.syncs.increment()
        guard fdatasync(descriptor) == 0 else { throw Self.failure("sync a segment") }
    }

    func sync(directory path: String) throws(StoreError) {
        Self.syncs.increment()
        guard syncDirectory(path) == 0 else { throw Self.failure("sync \(path)") }
    }

    /// Makes a directory; one that is there already is fine.
    func makeDirectory(_ path: String) throws(StoreError) {
        guard mkdir(path) == 0 || errno == EEXIST else { throw Self.failure("make \(path)") }
    }

    func move(_ from: String, to path: String) throws(StoreError) {
        guard rename(from, path) == 0 else { throw Self.failure("rename to \(path)") }
    }

    /// Copies octets of a file to a new one and syncs that; what was at `target` is replaced.
    func copy(_ source: String, from start: Int, to end: Int, into target: String) throws(StoreError) {
        let reading = openReading(source)
        guard reading >= 0 else { throw Self.failure("open \(source)") }
        defer { close(reading) }
        remove(target)
        let writing = try create(target)
        defer { close(writing) }
        var offset = start
        while offset < end {
            var piece = ByteBuffer()
            let count = try read(reading, min(1 << 20, end - offset), at: offset, into: &piece)
            guard count > 0 else { throw .storage(operation: "copy", detail: "\(source) ends early") }
            try write(writing, piece, at: offset - start)
            offset += count
        }
        try sync(writing)
    }

    /// Removes a file; one that is gone already is fine, and one that cannot be is found again by the next start.
    ///
    /// - Returns: whether it is gone.
    @discardableResult
    func remove(_ path: String) -> Bool { unlink(path) == 0 || errno == ENOENT }

    /// A hint only.
    func startWriteback(_ descriptor: Int32, _ offset: Int, _ count: Int) {
        _ = csys_start_writeback(descriptor, Int64(offset), Int64(count))
    }
}
