public import SQLite

extension Registry {
    /// The directory's tables of `mail.db`. Names are kept in lower case. Times are seconds since 1970-01-01T00:00:00Z.
    public static let chapter = SchemaChapter(
        name: "directory", version: 3,
        create: [
            """
            CREATE TABLE domain (
              domain_id  INTEGER PRIMARY KEY AUTOINCREMENT,
              name       TEXT NOT NULL UNIQUE,
              created_at INTEGER NOT NULL
            )
            """,
            // AUTOINCREMENT: the number of a removed account is never given to another.
            """
            CREATE TABLE account (
              account_id      INTEGER PRIMARY KEY AUTOINCREMENT,
              domain_id       INTEGER NOT NULL REFERENCES domain(domain_id),
              local_part      TEXT NOT NULL,
              password_hash   TEXT NOT NULL,
              disabled_reason TEXT,
              created_at      INTEGER NOT NULL,
              scram_keys      TEXT,
              pop3_off        INTEGER NOT NULL DEFAULT 0,
              pop3_leave_days INTEGER NOT NULL DEFAULT 0,
              UNIQUE (domain_id, local_part)
            )
            """,
            // local_part '' is the catch-all; target is a whole address, local or remote.
            """
            CREATE TABLE alias (
              domain_id  INTEGER NOT NULL REFERENCES domain(domain_id),
              local_part TEXT NOT NULL,
              target     TEXT NOT NULL,
              PRIMARY KEY (domain_id, local_part, target)
            ) WITHOUT ROWID
            """,
            "CREATE INDEX alias_by_target ON alias (target)",
        ] + routingTables + secrets,
        // Version 2 changes nothing of these tables: the store, converted before, learns the domain of each account.
        upgrades: [
            1: [
                """
                UPDATE account_state SET domain_id =
                  coalesce((SELECT domain_id FROM account WHERE account.account_id = account_state.account_id), 0)
                """,
                """
                INSERT OR IGNORE INTO domain_state (domain_id, used_octets, used_messages)
                SELECT domain_id, sum(used_octets), sum(used_messages) FROM account_state
                WHERE domain_id <> 0 GROUP BY domain_id
                """,
            ],
            // Version 3: SCRAM's keys come with the next login of each account, since they are made from its password.
            2: [
                "ALTER TABLE account ADD COLUMN scram_keys TEXT",
                "ALTER TABLE account ADD COLUMN pop3_off INTEGER NOT NULL DEFAULT 0",
                "ALTER TABLE account ADD COLUMN pop3_leave_days INTEGER NOT NULL DEFAULT 0",
            ] + routingTables + secrets,
        ])

    /// What version 3 brought, beside columns.
    private static let secrets = [
        // Without a single such account this is empty, and known to be so at once.
        """
        CREATE INDEX account_without_scram ON account (account_id) WHERE scram_keys IS NULL AND disabled_reason IS NULL
        """,
        "CREATE TABLE directory_secret (name TEXT PRIMARY KEY, octets BLOB NOT NULL) WITHOUT ROWID",
        "INSERT INTO directory_secret (name, octets) VALUES ('scram', randomblob(32))",
    ]
}
