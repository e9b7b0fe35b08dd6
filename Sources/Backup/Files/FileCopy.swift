internal import Glibc
internal import MailCrypto

/// Copies octets of files at a bounded rate, digesting them on the way. All block.
struct FileCopy: Sendable {
    /// 0 for as fast as it goes.
    var octetsPerSecondMax: Int

    static let pieceOctets = 1 << 20

    /// Copies `range` of a file to a new file at `path`, which is there whole and synced, or not at all.
    ///
    /// The folder above is not synced. What was at `path` is replaced: the caller knows that it may be.
    ///
    /// - Returns: the digest of the octets written.
    func copy(_ source: String, range: Range<Int64>, to path: String) throws(BackupError) -> SHA256.Digest {
        let part = path + ".part"
        let target = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard target >= 0 else { throw Disk.failure("create \(part)") }
        defer { close(target) }
        var digest = SHA256()
        try append(source, range: range, to: target, path: part, &digest)
        guard fsync(target) == 0 else { throw Disk.failure("sync \(part)") }
        try Disk.move(part, to: path)
        return digest.digest()
    }

    /// Puts files together into one, each whole, and syncs it. What is in it already, if anything, is dropped, but its
    /// inode stays.
    func join(_ sources: [String], into path: String) throws(BackupError) -> SHA256.Digest {
        let target = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard target >= 0 else { throw Disk.failure("create \(path)") }
        defer { close(target) }
        var digest = SHA256()
        for source in sources {
            guard let octets = Disk.octets(of: source) else { throw Disk.failure("read \(source)") }
            try append(source, range: 0..<octets, to: target, path: path, &digest)
        }
        guard fsync(target) == 0 else { throw Disk.failure("sync \(path)") }
        return digest.digest()
    }

    /// The digest of the first octets of a file.
    func digest(of path: String, octets: Int64) throws(BackupError) -> SHA256.Digest {
        try digest(of: path, range: 0..<octets)
    }

    func digest(of path: String, range: Range<Int64>) throws(BackupError) -> SHA256.Digest {
        var digest = SHA256()
        try read(path, range: range) { digest.update($0) }
        return digest.digest()
    }

    private func append(
        _ source: String, range: Range<Int64>, to target: Int32, path: String, _ digest: inout SHA256
    ) throws(BackupError) {
        var sum = digest
        try read(source, range: range) { (piece) throws(BackupError) in
            sum.update(piece)
            try Disk.writeAll(piece, to: target, path: path)
        }
        digest = sum
    }

    private func read(
        _ path: String, range: Range<Int64>, _ body: (UnsafeRawBufferPointer) throws(BackupError) -> Void
    ) throws(BackupError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Disk.failure("open \(path)") }
        defer { close(descriptor) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.pieceOctets, alignment: 4_096)
        defer { buffer.deallocate() }
        var throttle = Throttle(octetsPerSecondMax: octetsPerSecondMax)
        var offset = range.lowerBound
        while offset < range.upperBound {
            let wanted = Int(min(Int64(buffer.count), range.upperBound - offset))
            let count = pread(descriptor, buffer.baseAddress, wanted, off_t(offset))
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw Disk.failure("read \(path)") }
            guard count > 0 else { throw .failed(operation: "read \(path)", detail: "it ends early, at \(offset)") }
            try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            offset += Int64(count)
            throttle.took(count)
        }
    }
}

/// Lets the thread sleep for as long as it is ahead of its rate.
private struct Throttle {
    let octetsPerSecondMax: Int
    private let start: Double
    private var octets = 0

    init(octetsPerSecondMax: Int) {
        self.octetsPerSecondMax = octetsPerSecondMax
        start = Self.now()
    }

    mutating func took(_ count: Int) {
        guard octetsPerSecondMax > 0 else { return }
        octets += count
        let ahead = Double(octets) / Double(octetsPerSecondMax) - (Self.now() - start)
        if ahead > 0.001 { usleep(useconds_t(min(ahead, 10) * 1_000_000)) }
    }

    private static func now() -> Double {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
    }
}
