public import SQLite

extension MessageStore {
    /// The store's tables in `mail.db`. Times are Unix seconds. No foreign keys to the directory's tables: the account's
    /// rows are made and removed in one transaction with them.
    public static let chapter = SchemaChapter(
        name: "store", version: 3, create: accountTables + messageTables + bodyTables + queueTables + eventTables,
        upgrades: [1: fromVersion1, 2: fromVersion2])

    private static let accountTables = [
        "CREATE TABLE store_info (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
        // Numbers that are given once: next_mailbox_id, next_queue_id; segment ids are reserved ahead. And commit_number,
        // one more with each transaction.
        "CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID",
        // Hot counters, apart from the directory's account so that a delivery dirties a dense page.
        """
        CREATE TABLE account_state (
          account_id        INTEGER PRIMARY KEY,
          mod_seq           INTEGER NOT NULL DEFAULT 1,  -- one counter per account; mailboxes use its values
          next_message_id   INTEGER NOT NULL,
          next_uid_validity INTEGER NOT NULL,            -- starts at creation time, only ever grows
          used_octets       INTEGER NOT NULL DEFAULT 0,
          used_messages     INTEGER NOT NULL DEFAULT 0,
          domain_id         INTEGER NOT NULL DEFAULT 0,  -- whose limits count, too
          octets_max        INTEGER NOT NULL DEFAULT 0,  -- the quota; 0 is none
          messages_max      INTEGER NOT NULL DEFAULT 0,
          warned_percent    INTEGER NOT NULL DEFAULT 0,  -- of the quota, when its owner was last told
          kept_octets       INTEGER NOT NULL DEFAULT 0,  -- of expunged messages that can be brought back
          keyword_version   INTEGER NOT NULL DEFAULT 0,  -- one more each time a keyword's bit is freed
          removed_at        INTEGER                      -- nobody's any more: upkeep takes its rows away
        )
        """,
        domainTable,
        """
        CREATE TABLE mailbox (
          mailbox_id      INTEGER PRIMARY KEY,           -- never reused; also OBJECTID MAILBOXID
          account_id      INTEGER NOT NULL,
          name            TEXT NOT NULL,                 -- UTF-8, '/' separated, 'INBOX' upper case
          uid_validity    INTEGER NOT NULL,
          uid_next        INTEGER NOT NULL DEFAULT 1,
          recent_uid      INTEGER NOT NULL DEFAULT 1,    -- from here on no session was told \\Recent
          highest_mod_seq INTEGER NOT NULL DEFAULT 1,
          vanished_horizon INTEGER NOT NULL DEFAULT 0,   -- mod_seq below which expunge history was dropped
          message_count   INTEGER NOT NULL DEFAULT 0,
          unseen_count    INTEGER NOT NULL DEFAULT 0,
          deleted_count   INTEGER NOT NULL DEFAULT 0,
          octet_count     INTEGER NOT NULL DEFAULT 0,
          special_use     INTEGER NOT NULL DEFAULT 0,
          is_selectable   INTEGER NOT NULL DEFAULT 1,
          UNIQUE (account_id, name)
        )
        """,
        // A subscription outlives its mailbox (RFC 3501 §6.3.6).
        """
        CREATE TABLE subscription (
          account_id INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY (account_id, name)
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE keyword (
          account_id INTEGER NOT NULL,
          bit        INTEGER NOT NULL CHECK (bit BETWEEN 16 AND 62),
          name       TEXT NOT NULL,
          PRIMARY KEY (account_id, bit),
          UNIQUE (account_id, name)
        ) WITHOUT ROWID
        """,
    ]

    /// The sum of a domain's accounts, and what they may hold together.
    private static let domainTable = """
        CREATE TABLE domain_state (
          domain_id      INTEGER PRIMARY KEY,
          used_octets    INTEGER NOT NULL DEFAULT 0,
          used_messages  INTEGER NOT NULL DEFAULT 0,
          octets_max     INTEGER NOT NULL DEFAULT 0,
          messages_max   INTEGER NOT NULL DEFAULT 0,
          warned_percent INTEGER NOT NULL DEFAULT 0,
          retention_days INTEGER                         -- of expunged messages; NULL: as the server is configured
        )
        """

    private static let messageTables = [
        // One narrow row per message in a mailbox: all that listings of UIDs, flags, sizes and dates need.
        """
        CREATE TABLE mailbox_message (
          mailbox_id            INTEGER NOT NULL,
          uid                   INTEGER NOT NULL,
          message_id            INTEGER NOT NULL,
          mod_seq               INTEGER NOT NULL,
          flags                 INTEGER NOT NULL DEFAULT 0,
          size                  INTEGER NOT NULL,        -- RFC822.SIZE: prefix and body
          internal_date         INTEGER NOT NULL,
          internal_zone_minutes INTEGER NOT NULL DEFAULT 0,
          sent_date             INTEGER NOT NULL,
          sent_zone_minutes     INTEGER NOT NULL DEFAULT 0,
          saved_at              INTEGER NOT NULL DEFAULT 0,  -- when it came into this mailbox (RFC 8514 SAVEDATE)
          PRIMARY KEY (mailbox_id, uid)
        ) WITHOUT ROWID
        """,
        "CREATE INDEX mailbox_message_by_mod_seq ON mailbox_message (mailbox_id, mod_seq)",
        // Runs of expunged UIDs (QRESYNC VANISHED, JMAP destroyed).
        """
        CREATE TABLE vanished_run (
          mailbox_id INTEGER NOT NULL,
          mod_seq    INTEGER NOT NULL,
          first_uid  INTEGER NOT NULL,
          last_uid   INTEGER NOT NULL,
          PRIMARY KEY (mailbox_id, mod_seq, first_uid)
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE pop3_uidl (
          mailbox_id INTEGER NOT NULL, uid INTEGER NOT NULL, uidl TEXT NOT NULL, PRIMARY KEY (mailbox_id, uid)
        ) WITHOUT ROWID
        """,
        expungedTable, expungedIndex,
        // Immutable facts of one message of one account. COPY makes another mailbox_message row on the same message.
        """
        CREATE TABLE message (
          account_id    INTEGER NOT NULL,
          message_id    INTEGER NOT NULL,
          body_id       INTEGER NOT NULL,
          mailbox_refs  INTEGER NOT NULL DEFAULT 1,      -- rows of mailbox_message and of expunged
          thread_id     INTEGER NOT NULL,
          header_octets INTEGER NOT NULL,                -- of the body, with the empty line
          received_at   INTEGER NOT NULL,
          prefix        BLOB NOT NULL,                   -- this account's own header lines
          envelope      BLOB NOT NULL,                   -- versioned first octet, then ENVELOPE
          structure     BLOB NOT NULL,                   -- versioned: BODY, BODYSTRUCTURE, places of the parts
          preview       TEXT NOT NULL,
          thread_tokens BLOB NOT NULL DEFAULT x'',       -- its rows in thread_reference, 8 octets each
          PRIMARY KEY (account_id, message_id)
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE header_fields (
          account_id INTEGER NOT NULL, message_id INTEGER NOT NULL, lines BLOB NOT NULL,
          PRIMARY KEY (account_id, message_id)
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE verdict (
          account_id INTEGER NOT NULL, message_id INTEGER NOT NULL, verdict TEXT NOT NULL,
          PRIMARY KEY (account_id, message_id)
        ) WITHOUT ROWID
        """,
        // Hash of each Message-ID and reference seen -> thread.
        """
        CREATE TABLE thread_reference (
          account_id INTEGER NOT NULL,
          token_hash INTEGER NOT NULL,                   -- 63 bits of SHA-256
          message_id INTEGER NOT NULL,
          thread_id  INTEGER NOT NULL,
          PRIMARY KEY (account_id, token_hash, message_id)
        ) WITHOUT ROWID
        """,
    ]

    /// What was expunged: the row of `mailbox_message` as it was. Message and body stay until it is purged.
    private static let expungedTable = """
        CREATE TABLE expunged (
          mailbox_id            INTEGER NOT NULL,
          uid                   INTEGER NOT NULL,
          message_id            INTEGER NOT NULL,
          flags                 INTEGER NOT NULL,
          size                  INTEGER NOT NULL,
          internal_date         INTEGER NOT NULL,
          internal_zone_minutes INTEGER NOT NULL,
          sent_date             INTEGER NOT NULL,
          sent_zone_minutes     INTEGER NOT NULL,
          saved_at              INTEGER NOT NULL,
          account_id            INTEGER NOT NULL,
          mailbox_name          TEXT NOT NULL,           -- as it was called then
          expunged_at           INTEGER NOT NULL,
          actor                 TEXT NOT NULL,
          PRIMARY KEY (mailbox_id, uid)
        ) WITHOUT ROWID
        """
    private static let expungedIndex = "CREATE INDEX expunged_by_age ON expunged (account_id, expunged_at)"

    /// The life of each message. A trail bears its body's number, so that rows come in the order of time.
    private static let eventTables = [
        """
        CREATE TABLE trail (
          trail_id     INTEGER PRIMARY KEY,
          at           INTEGER NOT NULL,                 -- microseconds
          origin       INTEGER NOT NULL,
          session      TEXT NOT NULL,
          client       TEXT NOT NULL,
          login        TEXT NOT NULL,
          reverse_path TEXT NOT NULL,
          message_id   TEXT NOT NULL,                    -- the header field, without < and >
          subject      TEXT NOT NULL,
          octets       INTEGER NOT NULL
        )
        """,
        """
        CREATE TABLE message_event (
          trail_id   INTEGER NOT NULL,
          at         INTEGER NOT NULL,                   -- microseconds, each given once by a process
          kind       INTEGER NOT NULL,
          account_id INTEGER,
          address    TEXT,                               -- the recipient, or who did it
          mailbox    TEXT,
          uid        INTEGER,
          detail     TEXT,
          PRIMARY KEY (trail_id, at)
        ) WITHOUT ROWID
        """,
    ]

    /// Version 1 had no quotas, no events, and kept no expunged mail apart from its rows.
    private static let fromVersion1: [String] =
        [
            "ALTER TABLE account_state ADD COLUMN domain_id INTEGER NOT NULL DEFAULT 0",
            "ALTER TABLE account_state ADD COLUMN octets_max INTEGER NOT NULL DEFAULT 0",
            "ALTER TABLE account_state ADD COLUMN messages_max INTEGER NOT NULL DEFAULT 0",
            "ALTER TABLE account_state ADD COLUMN warned_percent INTEGER NOT NULL DEFAULT 0",
            "ALTER TABLE account_state ADD COLUMN kept_octets INTEGER NOT NULL DEFAULT 0",
            "ALTER TABLE account_state ADD COLUMN keyword_version INTEGER NOT NULL DEFAULT 0",
            "ALTER TABLE account_state ADD COLUMN removed_at INTEGER",
            domainTable,
            "ALTER TABLE mailbox_message ADD COLUMN saved_at INTEGER NOT NULL DEFAULT 0",
            "UPDATE mailbox_message SET saved_at = internal_date",
            "ALTER TABLE message ADD COLUMN thread_tokens BLOB NOT NULL DEFAULT x''",
            "ALTER TABLE expunged RENAME TO expunged_1",
            expungedTable, expungedIndex,
            // The number of a mailbox that is gone is not known: each row gets one that no mailbox has.
            """
            INSERT OR IGNORE INTO expunged
            SELECT coalesce(m.mailbox_id, -e.message_id), e.uid, e.message_id, e.flags, e.size, e.internal_date,
              e.internal_zone_minutes, e.internal_date, e.internal_zone_minutes, e.internal_date, e.account_id,
              e.mailbox_name, e.expunged_at, e.actor
            FROM expunged_1 AS e LEFT JOIN mailbox AS m ON m.account_id = e.account_id AND m.name = e.mailbox_name
              AND m.uid_next > e.uid
            """,
            "DROP TABLE expunged_1",
            // From now on a message counts these rows, too.
            """
            UPDATE message SET mailbox_refs = mailbox_refs + e.rows
            FROM (SELECT account_id, message_id, count(*) AS rows FROM expunged GROUP BY 1, 2) AS e
            WHERE message.account_id = e.account_id AND message.message_id = e.message_id
            """,
            """
            UPDATE account_state SET kept_octets =
              coalesce((SELECT sum(size) FROM expunged AS e WHERE e.account_id = account_state.account_id), 0)
            """,
            "INSERT OR IGNORE INTO counter VALUES ('commit_number', 0)",
        ] + eventTables

    /// Version 2 knew nothing of what a sender wants to be told, and of next hops only whether 8BITMIME is needed.
    private static let fromVersion2 = [
        "ALTER TABLE queue_message ADD COLUMN needs INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE queue_message ADD COLUMN dsn_return TEXT",
        "ALTER TABLE queue_message ADD COLUMN dsn_envelope_id TEXT",
        "UPDATE queue_message SET needs = 1 WHERE options = '8bit'",
        "ALTER TABLE queue_recipient ADD COLUMN dsn_notify INTEGER",
        "ALTER TABLE queue_recipient ADD COLUMN dsn_original TEXT",
    ]

    private static let bodyTables = [
        // Where the octets are. Shared by all recipients of one delivery.
        """
        CREATE TABLE body (
          body_id        INTEGER PRIMARY KEY,
          segment_id     INTEGER NOT NULL,
          segment_offset INTEGER NOT NULL,               -- of the first octet of the body
          stored_length  INTEGER NOT NULL,
          raw_length     INTEGER NOT NULL,
          codec          INTEGER NOT NULL DEFAULT 0,     -- 0 plain
          ref_count      INTEGER NOT NULL,               -- message rows and queue rows
          digest         BLOB NOT NULL                   -- first 16 octets of SHA-256
        )
        """,
        """
        CREATE TABLE segment (
          segment_id    INTEGER PRIMARY KEY,             -- file segments/HH/<generation>-<id>.seg
          kind          INTEGER NOT NULL,                -- 0 shared, 1 one large message, 2 made by compaction
          state         INTEGER NOT NULL,                -- 0 open, 1 sealed, 2 retired
          first_body_id INTEGER NOT NULL,
          last_body_id  INTEGER,                         -- NULL while open
          octet_count   INTEGER,                         -- NULL while open
          dead_octets   INTEGER NOT NULL DEFAULT 0,
          sealed_at     INTEGER,
          retire_after  INTEGER
        )
        """,
    ]

    private static let queueTables = [
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
          PRIMARY KEY (queue_id, recipient)
        ) WITHOUT ROWID
        """,
        "CREATE INDEX queue_recipient_due ON queue_recipient (state, next_attempt_at)",
    ]
}
