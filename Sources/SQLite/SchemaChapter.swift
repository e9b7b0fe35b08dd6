/// The tables of one owner in the file, with the version that this program knows.
public struct SchemaChapter: Sendable {
    public var name: String
    /// 1 or more.
    public var version: Int
    /// The statements that make the chapter in a file that does not have it, in order.
    public var create: [String]
    /// The statements that make the next version of the chapter, by the version that they begin with.
    public var upgrades: [Int: [String]]

    public init(name: String, version: Int, create: [String], upgrades: [Int: [String]] = [:]) {
        self.name = name
        self.version = version
        self.create = create
        self.upgrades = upgrades
    }

    /// Makes what is missing and refuses what this program does not know. One transaction for all chapters; none when
    /// nothing is missing, so that a full disk keeps no file from being opened.
    ///
    /// - Parameter converts: brings chapters of an older version to this one. Only for a file that is a copy.
    static func prepare(
        _ chapters: [SchemaChapter], applicationID: Int32, path: String, converts: Bool, _ connection: Connection
    ) throws {
        let found = try Self.applicationID(connection)
        let tables = try connection.first("SELECT count(*) FROM sqlite_schema", []) { $0.integer(0) } ?? 0
        guard found == Int64(applicationID) || (found == 0 && tables == 0) else {
            throw DatabaseError.notOurs(path: path)
        }
        if found != 0, try chapters.allSatisfy({ try $0.foundVersion(connection) == $0.version }) { return }
        try connection.script("BEGIN IMMEDIATE")
        do {
            try connection.script("PRAGMA application_id = \(applicationID)")
            try connection.execute(
                """
                CREATE TABLE IF NOT EXISTS schema_version (chapter TEXT PRIMARY KEY, version INTEGER NOT NULL)
                WITHOUT ROWID
                """)
            for chapter in chapters { try chapter.prepare(converts: converts, connection) }
            try connection.script("COMMIT")
        } catch {
            if connection.isInTransaction { try? connection.script("ROLLBACK") }
            throw error
        }
    }

    /// As `prepare`, but what is missing is an error.
    func verify(applicationID: Int32, path: String, _ connection: Connection) throws {
        guard try Self.applicationID(connection) == Int64(applicationID) else {
            throw DatabaseError.notOurs(path: path)
        }
        let found = try foundVersion(connection) ?? 0
        if found > version { throw DatabaseError.newerVersion(chapter: name, found: found, known: version) }
        if found < version { throw DatabaseError.olderVersion(chapter: name, found: found, known: version) }
    }

    private static func applicationID(_ connection: Connection) throws -> Int64 {
        try connection.first("PRAGMA application_id", []) { $0.integer(0) } ?? 0
    }

    private func foundVersion(_ connection: Connection) throws -> Int? {
        try connection.first("SELECT version FROM schema_version WHERE chapter = ?", [.text(name)]) {
            Int($0.integer(0))
        }
    }

    private func prepare(converts: Bool, _ connection: Connection) throws {
        guard let found = try foundVersion(connection) else {
            for statement in create { try connection.script(statement) }
            try connection.execute("INSERT INTO schema_version VALUES (?, ?)", [.text(name), .integer(version)])
            return
        }
        if found > version { throw DatabaseError.newerVersion(chapter: name, found: found, known: version) }
        guard found < version else { return }
        for step in found..<version {
            guard converts, let statements = upgrades[step] else {
                throw DatabaseError.olderVersion(chapter: name, found: found, known: version)
            }
            for statement in statements { try connection.script(statement) }
        }
        try connection.execute(
            "UPDATE schema_version SET version = ? WHERE chapter = ?", [.integer(version), .text(name)])
    }
}
