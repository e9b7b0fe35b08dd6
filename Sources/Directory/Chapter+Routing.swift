extension Registry {
    /// What version 3 brought about where mail goes, and what an account may send. Tables of their own, since few domains
    /// and accounts have anything in them.
    static let routingTables = [
        // A domain that has the addresses of another, and none of its own.
        """
        CREATE TABLE domain_alias (
          domain_id INTEGER PRIMARY KEY REFERENCES domain(domain_id),
          target_id INTEGER NOT NULL REFERENCES domain(domain_id)
        )
        """,
        // An alias without a row may be written to by anyone.
        """
        CREATE TABLE members_only (
          domain_id  INTEGER NOT NULL REFERENCES domain(domain_id),
          local_part TEXT NOT NULL,
          PRIMARY KEY (domain_id, local_part)
        ) WITHOUT ROWID
        """,
        // Where an account's mail goes, besides its mailbox or in place of it.
        """
        CREATE TABLE account_forward (
          account_id INTEGER NOT NULL,
          target     TEXT NOT NULL,
          keeps_copy INTEGER NOT NULL,                   -- the same in all rows of an account
          PRIMARY KEY (account_id, target)
        ) WITHOUT ROWID
        """,
        // An account to which mail is refused, and why: strangers are told.
        "CREATE TABLE mail_refused (account_id INTEGER PRIMARY KEY, reason TEXT NOT NULL)",
        // What an account may send as besides what is its own: an address, or @domain.
        """
        CREATE TABLE send_as (
          account_id INTEGER NOT NULL, address TEXT NOT NULL, PRIMARY KEY (account_id, address)
        ) WITHOUT ROWID
        """,
        // What an account sent in each hour since 1970, and to whom it ever did.
        """
        CREATE TABLE sent_hour (
          account_id INTEGER NOT NULL,
          hour       INTEGER NOT NULL,
          messages   INTEGER NOT NULL,
          recipients INTEGER NOT NULL,
          strangers  INTEGER NOT NULL,                   -- recipients for the first time
          PRIMARY KEY (account_id, hour)
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE correspondent (
          account_id INTEGER NOT NULL, address TEXT NOT NULL, PRIMARY KEY (account_id, address)
        ) WITHOUT ROWID
        """,
    ]
}
