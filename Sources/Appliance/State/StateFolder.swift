import CSys
import Glibc

/// The folder that holds everything of one server, and the lock that says who works on it.
///
/// `DIR/lock` is held for the life of this value: no second process opens the store meanwhile (SQLite's own locks do not
/// protect against a process that opens and closes the file beside it).
final class StateFolder: Sendable {
    enum Failure: Error, Sendable, Equatable {
        /// Another process holds the lock.
        case inUse(path: String)
        /// It belongs to somebody else.
        case foreign(path: String, owner: UInt32)
        case notUsable(path: String, detail: String)
        case missing(path: String)
    }

    let path: String
    private let lock: Int32

    /// - Parameter creating: makes the folder when it is missing; else that is an error.
    init(_ path: String, creating: Bool) throws(Failure) {
        umask(0o077)
        if creating { try Self.makeFolder(path) }
        guard let real = realpath(path, nil) else {
            throw errno == ENOENT ? .missing(path: path) : .notUsable(path: path, detail: Self.reason())
        }
        self.path = String(cString: real)
        free(real)
        var facts = stat()
        guard stat(self.path, &facts) == 0 else { throw .notUsable(path: path, detail: Self.reason()) }
        guard facts.st_uid == geteuid() else { throw .foreign(path: path, owner: facts.st_uid) }
        let opened = open(self.path + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard opened >= 0 else { throw .notUsable(path: path, detail: Self.reason()) }
        guard csys_flock_try(opened) == 0 else {
            let isHeld = errno == EWOULDBLOCK
            let detail = Self.reason()
            close(opened)
            throw isHeld ? .inUse(path: path) : .notUsable(path: path, detail: detail)
        }
        // Not before all went well: once every property is set, a throw runs `deinit`, which closes it a second time.
        lock = opened
    }

    deinit { close(lock) }

    /// Makes the folder when it is missing, for who cannot hold its lock because a child will.
    static func prepare(_ path: String) throws(Failure) {
        umask(0o077)
        try makeFolder(path)
    }

    func file(_ name: String) -> String { path + "/" + name }

    /// Makes a folder inside, for this user alone.
    func makeFolder(_ name: String) throws(Failure) { try Self.makeFolder(file(name)) }

    /// Removes what is in the folder but the lock. For `localserve --fresh`.
    func empty() throws(Failure) {
        for name in Self.names(in: path) where name != "lock" { try Self.remove(file(name), depth: 0) }
    }

    static func names(in path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { raw in
                String(decoding: raw.prefix(while: { $0 != 0 }), as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    private static func remove(_ path: String, depth: Int) throws(Failure) {
        var facts = stat()
        guard lstat(path, &facts) == 0 else { return }
        let isFolder = facts.st_mode & S_IFMT == S_IFDIR
        if isFolder, depth < 8 {
            for name in names(in: path) { try remove(path + "/" + name, depth: depth + 1) }
        }
        guard (isFolder ? rmdir(path) : unlink(path)) == 0 else { throw .notUsable(path: path, detail: reason()) }
    }

    private static func makeFolder(_ path: String) throws(Failure) {
        var at = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            at += "/" + part
            if mkdir(at, 0o700) != 0, errno != EEXIST { throw .notUsable(path: at, detail: reason()) }
        }
    }

    private static func reason() -> String { String(cString: strerror(errno)) }
}
