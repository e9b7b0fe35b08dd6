internal import Glibc

/// The calls to the file system that a backup is made of. All block.
enum Disk {
    static func failure(_ operation: String, _ code: Int32 = errno) -> BackupError {
        code == ENOSPC || code == EDQUOT
            ? .diskFull(operation: operation)
            : .failed(operation: operation, detail: String(cString: strerror(code)))
    }

    /// Nil when there is nothing at `path`.
    static func octets(of path: String) -> Int64? {
        var facts = stat()
        return stat(path, &facts) == 0 ? Int64(facts.st_size) : nil
    }

    static func isFolder(_ path: String) -> Bool {
        var facts = stat()
        return stat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFDIR
    }

    static func freeOctets(at path: String) -> Int64? {
        var facts = statvfs()
        guard statvfs(path, &facts) == 0 else { return nil }
        return Int64(
            clamping: UInt64(facts.f_bavail).multipliedReportingOverflow(by: UInt64(facts.f_frsize)).partialValue)
    }

    /// Makes a folder for this user alone; one that is there already is fine. True when it is new.
    @discardableResult
    static func makeFolder(_ path: String) throws(BackupError) -> Bool {
        if mkdir(path, 0o700) == 0 { return true }
        guard errno == EEXIST else { throw failure("make \(path)") }
        return false
    }

    /// Makes a folder and those above it.
    static func makeFolders(_ path: String) throws(BackupError) {
        var at = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            at += "/" + part
            try makeFolder(at)
        }
    }

    /// Names in a folder in ascending order, without "." and ".."; empty when there is no such folder.
    static func names(in path: String) throws(BackupError) -> [String] {
        guard let folder = opendir(path) else {
            if errno == ENOENT || errno == ENOTDIR { return [] }
            throw failure("list \(path)")
        }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    static func sync(folder path: String) throws(BackupError) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open \(path)") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("sync \(path)") }
    }

    static func sync(file path: String) throws(BackupError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open \(path)") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("sync \(path)") }
    }

    static func move(_ from: String, to path: String) throws(BackupError) {
        guard rename(from, path) == 0 else { throw failure("rename \(from) to \(path)") }
    }

    static func remove(_ path: String) throws(BackupError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw failure("remove \(path)") }
    }

    /// Removes a folder with all in it; links are removed, not followed.
    static func removeTree(_ path: String, depth: Int = 0) throws(BackupError) {
        var facts = stat()
        guard lstat(path, &facts) == 0 else { return }
        guard facts.st_mode & S_IFMT == S_IFDIR, depth < 8 else { return try remove(path) }
        for name in try names(in: path) { try removeTree(path + "/" + name, depth: depth + 1) }
        guard rmdir(path) == 0 || errno == ENOENT else { throw failure("remove \(path)") }
    }

    /// Writes a small file under a temporary name, syncs it and renames it: there whole, or not at all.
    static func write(_ octets: [UInt8], to path: String) throws(BackupError) {
        let part = path + ".part"
        let descriptor = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("create \(part)") }
        defer { close(descriptor) }
        try writeAll(octets, to: descriptor, path: part)
        guard fsync(descriptor) == 0 else { throw failure("sync \(part)") }
        try move(part, to: path)
    }

    /// - Parameter octetsMax: a longer file is refused.
    static func read(_ path: String, octetsMax: Int) throws(BackupError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open \(path)") }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { throw failure("read \(path)") }
        guard Int(facts.st_size) <= octetsMax else {
            throw .failed(operation: "read \(path)", detail: "it is too long")
        }
        var octets = [UInt8](repeating: 0, count: Int(facts.st_size))
        var done = 0
        while done < octets.count {
            let count = octets.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress.map { $0 + done }, $0.count - done, off_t(done))
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw failure("read \(path)") }
            done += count
        }
        return octets
    }

    private static func writeAll(_ octets: [UInt8], to descriptor: Int32, path: String) throws(BackupError) {
        let outcome = octets.withUnsafeBytes { raw -> BackupError? in
            do throws(BackupError) {
                try writeAll(raw, to: descriptor, path: path)
                return nil
            } catch {
                return error
            }
        }
        if let outcome { throw outcome }
    }

    static func writeAll(_ octets: UnsafeRawBufferPointer, to descriptor: Int32, path: String) throws(BackupError) {
        var rest = octets
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw failure("write \(path)") }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }
}
