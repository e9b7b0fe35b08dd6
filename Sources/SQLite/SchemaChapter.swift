/// The tables of one owner in the file, with the version that this program knows.
public struct SchemaChapter: Sendable {
    public var name: String
    /// 1 or more.
    public var version: Int
    /// The statements that make the chapter in a file that does not have it, in order.
    public var create: [String]

    public init(name: String, version: Int, create: [String]) {
        self.name = name
        self.version = version
        self.create = create
    }

    /// Makes what is missing and refuses what this program does not know. One transaction for all chapters.
    static func prepare(_ chapters: [SchemaChapter], applicationID: Int32, path: String, _ connection: Connection)
        throws
    {
        let found = try Self.applicationID(connection)
        let tables = try connection.first("SELECT count(*) FROM sqlite_schema", []) { $0.integer(0) } ?? 0
        guard found == Int64(applicationID) || (found == 0 && tables == 0) else {
            throw DatabaseError.notOurs(path: path)
        }
        try connection.script("BEGIN IMMEDIATE")
        do {
            try connection.script("PRAGMA application_id = \(applicationID)")
            try connection.execute(
                """
                CREATE TABLE IF NOT EXISTS schema_version (chapter TEXT PRIMARY KEY, version INTEGER NOT NULL)
                WITHOUT ROWID
                """)
            for chapter in chapters { try chapter.prepare(connection) }
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
        guard let found = try foundVersion(connection) else {
            throw DatabaseError.olderVersion(chapter: name, found: 0, known: version)
        }
        try compare(found)
    }

    private static func applicationID(_ connection: Connection) throws -> Int64 {
        try connection.first("PRAGMA application_id", []) { $0.integer(0) } ?? 0
    }

    private func foundVersion(_ connection: Connection) throws -> Int? {
        try connection.first("SELECT version FROM schema_version WHERE chapter = ?", [.text(name)]) {
            Int($0.integer(0))
        }
    }

    private func prepare(_ connection: Connection) throws {
        guard let found = try foundVersion(connection) else {
            for statement in create { try connection.script(statement) }
            try connection.execute("INSERT INTO schema_version VALUES (?, ?)", [.text(name), .integer(version)])
            return
        }
        try compare(found)
    }

    private func compare(_ found: Int) throws {
        if found > version { throw DatabaseError.newerVersion(chapter: name, found: found, known: version) }
        if found < version { throw DatabaseError.olderVersion(chapter: name, found: found, known: version) }
    }
}
