import Glibc

/// Whole small files: keys, the env file, captured mail's envelopes.
enum SmallFile {
    struct Failure: Error, Sendable, Equatable {
        var path: String
        var detail: String
    }

    /// Writes beside, syncs, and renames: a reader sees all of it or what was there before.
    static func write(_ text: String, to path: String, mode: mode_t = 0o600) throws(Failure) {
        try write(Array(text.utf8), to: path, mode: mode)
    }

    static func write(_ octets: [UInt8], to path: String, mode: mode_t = 0o600) throws(Failure) {
        let temporary = path + ".new"
        let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard file >= 0 else { throw failure(temporary) }
        var written = 0
        while written < octets.count {
            let count = octets[written...].withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            guard count > 0 else {
                close(file)
                throw failure(temporary)
            }
            written += count
        }
        fchmod(file, mode)
        guard fsync(file) == 0, close(file) == 0, rename(temporary, path) == 0 else { throw failure(path) }
        try sync(folder: String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) + "/")
    }

    static func sync(folder path: String) throws(Failure) {
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw failure(path) }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw failure(path) }
    }

    /// Copies a file of any size to a new one, and syncs it.
    static func copy(_ source: String, to target: String) throws(Failure) {
        let reading = open(source, O_RDONLY | O_CLOEXEC)
        guard reading >= 0 else { throw failure(source) }
        defer { close(reading) }
        let writing = open(target, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard writing >= 0 else { throw failure(target) }
        defer { close(writing) }
        while true {
            let count = sendfile(writing, reading, nil, 1 << 24)
            guard count >= 0 else { throw failure(target) }
            if count == 0 { break }
        }
        guard fsync(writing) == 0 else { throw failure(target) }
    }

    /// Nil when there is none, or it is larger than a mebioctet.
    static func read(_ path: String) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var octets = [UInt8](repeating: 0, count: 1 << 20)
        var length = 0
        while length < octets.count {
            let count = octets[length...].withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
            guard count >= 0 else { return nil }
            if count == 0 { return String(decoding: octets[..<length], as: UTF8.self) }
            length += count
        }
        return nil
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    private static func failure(_ path: String) -> Failure {
        Failure(path: path, detail: String(cString: strerror(errno)))
    }
}
