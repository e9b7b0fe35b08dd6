public import SQLite

extension Classifier {
    /// How `spam.db` is opened.
    public static func databaseOptions(path: String) -> Database.Options {
        var options = Database.Options(path: path, chapters: [chapter])
        options.readers = min(options.readers, 4)
        options.cacheOctetsMax = 16 << 20
        return options
    }

    /// - `token`: in how many learned messages a token stood; account 0 is what all share.
    /// - `training`: how many messages were learned.
    /// - `learned`: which ones, so that each counts once.
    public static let chapter = SchemaChapter(
        name: "spam", version: 1,
        create: [
            """
            CREATE TABLE token (
                account INTEGER NOT NULL, hash64 INTEGER NOT NULL, ham INTEGER NOT NULL, spam INTEGER NOT NULL,
                last_day INTEGER NOT NULL, PRIMARY KEY (account, hash64)
            ) WITHOUT ROWID
            """,
            """
            CREATE TABLE training (account INTEGER PRIMARY KEY, ham INTEGER NOT NULL, spam INTEGER NOT NULL)
            """,
            """
            CREATE TABLE learned (
                account INTEGER NOT NULL, digest BLOB NOT NULL, label INTEGER NOT NULL, token_version INTEGER NOT NULL,
                day INTEGER NOT NULL, PRIMARY KEY (account, digest)
            ) WITHOUT ROWID
            """,
        ])
}
