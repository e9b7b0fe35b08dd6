internal import MessageStore
internal import SQLite

/// The folder beside the store where copies of the index are looked into. All block but `close`.
///
/// `mail.db` in it is filled again and again and never replaced: the process keeps a descriptor for each database file
/// it ever opened (see `SQLite.Database`), and there shall be one.
struct Workspace: Sendable {
    /// What must stay free beside the copies.
    static let reserveOctets: Int64 = 64 << 20

    let path: String

    var index: String { path + "/mail.db" }
    /// Where `Database.copy` writes; looked into only after it was joined into `index`.
    var freshIndex: String { path + "/mail.db.fresh" }
    var freshSpam: String { path + "/spam.db.fresh" }
    var store: String { path + "/store" }

    func prepare() throws(BackupError) {
        try Disk.makeFolders(path)
        try clean()
    }

    /// Leaves an empty `mail.db`.
    func clean() throws(BackupError) {
        for name in try Disk.names(in: path) where name != "mail.db" { try Disk.removeTree(path + "/" + name) }
        if Disk.octets(of: index) ?? 0 > 0 { _ = try FileCopy(octetsPerSecondMax: 0).join([], into: index) }
    }

    /// The copies must not fill the disk that takes the mail.
    func checkSpace(for octets: Int64) throws(BackupError) {
        let needed = octets + Self.reserveOctets
        if let free = Disk.freeOctets(at: path), free < needed {
            throw .noSpace(path: path, neededOctets: needed, freeOctets: free)
        }
    }

    /// Opens a copy of an index for looking into; one of an older version is converted.
    static func open(_ path: String) throws -> Database {
        var options = Database.Options(path: path, chapters: [MessageStore.chapter])
        options.convertsOlder = true
        options.readers = 2
        options.cacheOctetsMax = 8 << 20
        return try Database(options: options)
    }
}
