public import SQLite

extension MessageStore {
    /// Who besides its owner may do what with a mailbox (RFC 4314): a chapter of its own, which stands on the store's
    /// tables and is made in any file that lacks it. Rows go with the mailbox, its owner, and whom they are for.
    public static let sharingChapter = SchemaChapter(
        name: "sharing", version: 1,
        create: [
            // grantee: an account; below zero, every account of the domain of that number. rights: bits, at least one.
            """
            CREATE TABLE mailbox_share (
              mailbox_id INTEGER NOT NULL,
              grantee    INTEGER NOT NULL,
              rights     INTEGER NOT NULL,
              PRIMARY KEY (mailbox_id, grantee)
            ) WITHOUT ROWID
            """,
            "CREATE INDEX mailbox_share_by_grantee ON mailbox_share (grantee)",
            """
            CREATE TRIGGER mailbox_share_of_removed_mailbox AFTER DELETE ON mailbox BEGIN
              DELETE FROM mailbox_share WHERE mailbox_id = OLD.mailbox_id;
            END
            """,
            // A name that only holds others gets another number.
            """
            CREATE TRIGGER mailbox_share_of_renumbered_mailbox AFTER UPDATE OF mailbox_id ON mailbox BEGIN
              DELETE FROM mailbox_share WHERE mailbox_id = OLD.mailbox_id;
            END
            """,
            // An account's rows go by and by, but what it shared and was given ends with it.
            """
            CREATE TRIGGER mailbox_share_of_removed_account AFTER UPDATE OF removed_at ON account_state
            WHEN NEW.removed_at IS NOT NULL BEGIN
              DELETE FROM mailbox_share WHERE grantee = NEW.account_id
                OR mailbox_id IN (SELECT mailbox_id FROM mailbox WHERE account_id = NEW.account_id);
            END
            """,
            inheriting("new_mailbox", "INSERT ON mailbox"),
            inheriting(
                "revived_mailbox", "UPDATE OF is_selectable ON mailbox", and: "NEW.is_selectable > OLD.is_selectable"),
        ])

    /// RFC 4314 §4: a new mailbox has the rights of the one above it. Its name is what remains without the last level and
    /// the "/" before that.
    private static func inheriting(_ name: String, _ event: String, and condition: String = "1") -> String {
        """
        CREATE TRIGGER mailbox_share_of_\(name) AFTER \(event) WHEN instr(NEW.name, '/') > 0 AND \(condition) BEGIN
          INSERT OR IGNORE INTO mailbox_share
          SELECT NEW.mailbox_id, s.grantee, s.rights FROM mailbox_share AS s JOIN mailbox AS m USING (mailbox_id)
          WHERE m.account_id = NEW.account_id
            AND m.name = rtrim(rtrim(NEW.name, replace(NEW.name, '/', '')), '/');
        END
        """
    }
}
