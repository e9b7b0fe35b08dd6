extension MessageStore {
    static let queueTables =
        [
            """
            CREATE TABLE queue_message (
              queue_id   INTEGER PRIMARY KEY,
              body_id    INTEGER NOT NULL,
              reverse_path TEXT NOT NULL,                    -- '' is the null one
              options    TEXT NOT NULL,
              created_at INTEGER NOT NULL,
              expires_at INTEGER NOT NULL,
              needs      INTEGER NOT NULL DEFAULT 0,         -- MessageNeeds: what every next hop must be able to do
              dsn_return TEXT,                               -- RET, RFC 3461
              dsn_envelope_id TEXT                           -- ENVID, xtext undone
            )
            """,
            """
            CREATE TABLE queue_recipient (
              queue_id        INTEGER NOT NULL,
              recipient       TEXT NOT NULL,
              local_part      TEXT NOT NULL,
              route_domain    TEXT NOT NULL,
              state           INTEGER NOT NULL DEFAULT 0,    -- 0 waiting, 1 leased, 2 held
              next_attempt_at INTEGER NOT NULL,
              attempts        INTEGER NOT NULL DEFAULT 0,
              lease_owner     TEXT,
              last_reply      TEXT,
              dsn_notify      INTEGER,                       -- NOTIFY: NULL not said, 0 never, else its occasions' bits
              dsn_original    TEXT,                          -- ORCPT, xtext undone
              priority        INTEGER NOT NULL DEFAULT 0,    -- 0 a person's, 1 bulk
              delay_told_at   INTEGER,                       -- when the sender was told that it takes long
              route           TEXT,                          -- by command; NULL: as configured
              PRIMARY KEY (queue_id, recipient)
            ) WITHOUT ROWID
            """,
        ] + queueIndexes + queueBesides

    /// A person's mail is found without passing what bulk mail waits.
    private static let queueIndexes = [
        "CREATE INDEX queue_recipient_due ON queue_recipient (state, priority, next_attempt_at)",
        "CREATE INDEX queue_recipient_by_domain ON queue_recipient (route_domain)",
    ]

    private static let queueBesides = [
        // Deliveries that are over, kept for a while to be searched.
        """
        CREATE TABLE queue_finished (
          finished_id  INTEGER PRIMARY KEY,
          finished_at  INTEGER NOT NULL,
          queue_id     INTEGER NOT NULL,
          trail_id     INTEGER NOT NULL,
          recipient    TEXT NOT NULL,
          route_domain TEXT NOT NULL,
          reverse_path TEXT NOT NULL,
          outcome      INTEGER NOT NULL,                 -- 0 sent, 1 bounced, 2 dropped by command
          attempts     INTEGER NOT NULL,
          created_at   INTEGER NOT NULL,
          reply        TEXT NOT NULL
        )
        """,
        "CREATE INDEX queue_finished_by_age ON queue_finished (finished_at)",
        // Addresses that are not written to, since they bounced or by command.
        """
        CREATE TABLE suppression (
          address    TEXT PRIMARY KEY,                   -- in lower case
          since      INTEGER NOT NULL,
          expires_at INTEGER,                            -- NULL: for ever
          reason     TEXT NOT NULL,
          detail     TEXT NOT NULL
        ) WITHOUT ROWID
        """,
        // What is held when it is queued; a NULL matches all.
        """
        CREATE TABLE queue_rule (
          rule_id      INTEGER PRIMARY KEY,
          reverse_path TEXT,
          route_domain TEXT,
          recipient    TEXT,
          reason       TEXT NOT NULL,
          created_at   INTEGER NOT NULL
        )
        """,
        // Counts for reports of RFC 8460, by day.
        """
        CREATE TABLE tls_result (
          day    INTEGER NOT NULL,                       -- since 1970-01-01
          domain TEXT NOT NULL,
          policy TEXT NOT NULL,                          -- "tlsa", "sts", "no-policy-found"
          result TEXT NOT NULL,                          -- "success", or RFC 8460 §4.3
          count  INTEGER NOT NULL,
          PRIMARY KEY (day, domain, policy, result)
        ) WITHOUT ROWID
        """,
    ]

    /// Version 3 knew no priorities and kept nothing of what was finished.
    static let queueFromVersion3: [String] =
        [
            "ALTER TABLE queue_recipient ADD COLUMN priority INTEGER NOT NULL DEFAULT 0",
            "ALTER TABLE queue_recipient ADD COLUMN delay_told_at INTEGER",
            "ALTER TABLE queue_recipient ADD COLUMN route TEXT",
            "DROP INDEX queue_recipient_due",
        ] + queueIndexes + queueBesides
}
