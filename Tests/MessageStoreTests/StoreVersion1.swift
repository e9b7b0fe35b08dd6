/// The statements that made the store's chapter in version 1.
let storeVersion1: [String] = [
    """
    CREATE TABLE store_info (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID
    """,
    """
    CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID
    """,
    """
    CREATE TABLE account_state ( account_id INTEGER PRIMARY KEY, mod_seq INTEGER NOT NULL DEFAULT 1,
    next_message_id INTEGER NOT NULL, next_uid_validity INTEGER NOT NULL, used_octets INTEGER NOT NULL
    DEFAULT 0, used_messages INTEGER NOT NULL DEFAULT 0 )
    """,
    """
    CREATE TABLE mailbox ( mailbox_id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL, name TEXT NOT
    NULL, uid_validity INTEGER NOT NULL, uid_next INTEGER NOT NULL DEFAULT 1, recent_uid INTEGER NOT
    NULL DEFAULT 1, highest_mod_seq INTEGER NOT NULL DEFAULT 1, vanished_horizon INTEGER NOT NULL
    DEFAULT 0, message_count INTEGER NOT NULL DEFAULT 0, unseen_count INTEGER NOT NULL DEFAULT 0,
    deleted_count INTEGER NOT NULL DEFAULT 0, octet_count INTEGER NOT NULL DEFAULT 0, special_use
    INTEGER NOT NULL DEFAULT 0, is_selectable INTEGER NOT NULL DEFAULT 1, UNIQUE (account_id, name) )
    """,
    """
    CREATE TABLE subscription ( account_id INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY
    (account_id, name) ) WITHOUT ROWID
    """,
    """
    CREATE TABLE keyword ( account_id INTEGER NOT NULL, bit INTEGER NOT NULL CHECK (bit BETWEEN 16 AND
    62), name TEXT NOT NULL, PRIMARY KEY (account_id, bit), UNIQUE (account_id, name) ) WITHOUT ROWID
    """,
    """
    CREATE TABLE mailbox_message ( mailbox_id INTEGER NOT NULL, uid INTEGER NOT NULL, message_id INTEGER
    NOT NULL, mod_seq INTEGER NOT NULL, flags INTEGER NOT NULL DEFAULT 0, size INTEGER NOT NULL,
    internal_date INTEGER NOT NULL, internal_zone_minutes INTEGER NOT NULL DEFAULT 0, sent_date INTEGER
    NOT NULL, sent_zone_minutes INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (mailbox_id, uid) ) WITHOUT
    ROWID
    """,
    """
    CREATE INDEX mailbox_message_by_mod_seq ON mailbox_message (mailbox_id, mod_seq)
    """,
    """
    CREATE TABLE vanished_run ( mailbox_id INTEGER NOT NULL, mod_seq INTEGER NOT NULL, first_uid INTEGER
    NOT NULL, last_uid INTEGER NOT NULL, PRIMARY KEY (mailbox_id, mod_seq, first_uid) ) WITHOUT ROWID
    """,
    """
    CREATE TABLE pop3_uidl ( mailbox_id INTEGER NOT NULL, uid INTEGER NOT NULL, uidl TEXT NOT NULL,
    PRIMARY KEY (mailbox_id, uid) ) WITHOUT ROWID
    """,
    """
    CREATE TABLE expunged ( account_id INTEGER NOT NULL, message_id INTEGER NOT NULL, mailbox_name TEXT
    NOT NULL, uid INTEGER NOT NULL, flags INTEGER NOT NULL, size INTEGER NOT NULL, internal_date INTEGER
    NOT NULL, internal_zone_minutes INTEGER NOT NULL, expunged_at INTEGER NOT NULL, actor TEXT NOT NULL,
    PRIMARY KEY (account_id, message_id, mailbox_name, uid) ) WITHOUT ROWID
    """,
    """
    CREATE TABLE message ( account_id INTEGER NOT NULL, message_id INTEGER NOT NULL, body_id INTEGER NOT
    NULL, mailbox_refs INTEGER NOT NULL DEFAULT 1, thread_id INTEGER NOT NULL, header_octets INTEGER NOT
    NULL, received_at INTEGER NOT NULL, prefix BLOB NOT NULL, envelope BLOB NOT NULL, structure BLOB NOT
    NULL, preview TEXT NOT NULL, PRIMARY KEY (account_id, message_id) ) WITHOUT ROWID
    """,
    """
    CREATE TABLE header_fields ( account_id INTEGER NOT NULL, message_id INTEGER NOT NULL, lines BLOB
    NOT NULL, PRIMARY KEY (account_id, message_id) ) WITHOUT ROWID
    """,
    """
    CREATE TABLE verdict ( account_id INTEGER NOT NULL, message_id INTEGER NOT NULL, verdict TEXT NOT
    NULL, PRIMARY KEY (account_id, message_id) ) WITHOUT ROWID
    """,
    """
    CREATE TABLE thread_reference ( account_id INTEGER NOT NULL, token_hash INTEGER NOT NULL, message_id
    INTEGER NOT NULL, thread_id INTEGER NOT NULL, PRIMARY KEY (account_id, token_hash, message_id) )
    WITHOUT ROWID
    """,
    """
    CREATE TABLE body ( body_id INTEGER PRIMARY KEY, segment_id INTEGER NOT NULL, segment_offset INTEGER
    NOT NULL, stored_length INTEGER NOT NULL, raw_length INTEGER NOT NULL, codec INTEGER NOT NULL
    DEFAULT 0, ref_count INTEGER NOT NULL, digest BLOB NOT NULL )
    """,
    """
    CREATE TABLE segment ( segment_id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, state INTEGER NOT
    NULL, first_body_id INTEGER NOT NULL, last_body_id INTEGER, octet_count INTEGER, dead_octets INTEGER
    NOT NULL DEFAULT 0, sealed_at INTEGER, retire_after INTEGER )
    """,
    """
    CREATE TABLE queue_message ( queue_id INTEGER PRIMARY KEY, body_id INTEGER NOT NULL, reverse_path
    TEXT NOT NULL, options TEXT NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL )
    """,
    """
    CREATE TABLE queue_recipient ( queue_id INTEGER NOT NULL, recipient TEXT NOT NULL, local_part TEXT
    NOT NULL, route_domain TEXT NOT NULL, state INTEGER NOT NULL DEFAULT 0, next_attempt_at INTEGER NOT
    NULL, attempts INTEGER NOT NULL DEFAULT 0, lease_owner TEXT, last_reply TEXT, PRIMARY KEY (queue_id,
    recipient) ) WITHOUT ROWID
    """,
    """
    CREATE INDEX queue_recipient_due ON queue_recipient (state, next_attempt_at)
    """,
]
