internal import Execution
internal import Glibc
internal import MessageStore
internal import SQLite

/// Brings a whole server back from a set.
public enum Restore {
    /// Restores a set into a folder, on a machine where that server does not run.
    ///
    /// Copies everything and compares each file's digest on the way and again where it is now; looks into the store as
    /// a proof does; raises its generation. The index gets its name last: a restore that did not come to its end leaves
    /// nothing that a server would start on.
    ///
    /// - Parameters:
    ///   - set: the folder of a set, or its name in `target`.
    ///   - directory: missing or empty (a file `lock` may be in it).
    /// - Throws: `folderNotEmpty`, `noSuchSet`, `unreadableSet`, `noSpace`; `damaged`, with what was copied removed.
    public static func server(
        set: String, target: String? = nil, into directory: String,
        progress: @escaping @Sendable (String) -> Void
    ) async throws(BackupError) -> RestoreFacts {
        let pool = BlockingPool(name: "restore", threads: 1, queueMax: 16)
        defer { pool.stop() }
        do {
            let (target, name) = try place(set, target)
            let work = try await pool.run {
                ServerRestore(
                    target: target, manifest: try target.manifest(name), directory: directory, pool: pool,
                    progress: progress)
            }
            return try await work.run()
        } catch {
            throw BackupError(error, during: "restore \(set)")
        }
    }

    /// `TARGET/sets/NAME`, or NAME in `target`.
    private static func place(_ set: String, _ target: String?) throws(BackupError) -> (Target, String) {
        if let target, !set.contains("/") { return (try existing(target), set) }
        guard let real = realpath(set, nil) else { throw .noSuchSet(name: set, target: target ?? "the current folder") }
        defer { free(real) }
        let parts = String(cString: real).split(separator: "/")
        guard let name = parts.last, Target.isSetName(String(name)), parts.dropLast().last == "sets" else {
            throw .unreadableSet(name: set, detail: "it is not a folder of the form TARGET/sets/NAME")
        }
        return (Target(path: "/" + parts.dropLast(2).joined(separator: "/")), String(name))
    }

    private static func existing(_ path: String) throws(BackupError) -> Target {
        guard Disk.isFolder(path) else { throw .targetMissing(path: path) }
        return Target(path: path)
    }
}
