public import SQLite

extension Registry {
    /// All that is the directory's in `mail.db`.
    public static let chapters = [chapter, signingChapter]

    /// The keys that sign the mail of domains (RFC 6376). A chapter of its own, so that an older file gets it when it is
    /// opened, without a conversion.
    ///
    /// Private keys stand here in clear, as the state folder's mode protects them, and are part of every backup.
    public static let signingChapter = SchemaChapter(
        name: "signing", version: 1,
        create: [
            // By name, not by number: a domain that is removed and added again has its keys still.
            """
            CREATE TABLE dkim_key (
              domain      TEXT NOT NULL,
              selector    TEXT NOT NULL,
              pem         TEXT NOT NULL,
              created_at  INTEGER NOT NULL,
              signs_since INTEGER,                       -- NULL: its record is not known to be published
              retired_at  INTEGER,                       -- signs no more; its record must stay for what it signed
              PRIMARY KEY (domain, selector)
            ) WITHOUT ROWID
            """,
            "CREATE TABLE secret (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
        ])
}
