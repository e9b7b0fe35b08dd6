public import SQLite

extension MessageStore {
    /// All chapters of `mail.db` that are the store's own.
    public static let chapters = [chapter, annotationChapter, sharingChapter]

    /// What clients note on mailboxes and accounts (RFC 5464): a chapter of its own, which stands on the store's tables
    /// and is made in any file that lacks it. Rows go with what they are noted on.
    public static let annotationChapter = SchemaChapter(
        name: "annotations", version: 1,
        create: [
            // mailbox_id 0: on the account itself. name: "/private/comment", in lower case.
            """
            CREATE TABLE annotation (
              account_id INTEGER NOT NULL,
              mailbox_id INTEGER NOT NULL,
              name       TEXT NOT NULL,
              value      BLOB NOT NULL,
              PRIMARY KEY (account_id, mailbox_id, name)
            ) WITHOUT ROWID
            """,
            """
            CREATE TRIGGER annotation_of_removed_mailbox AFTER DELETE ON mailbox BEGIN
              DELETE FROM annotation WHERE account_id = OLD.account_id AND mailbox_id = OLD.mailbox_id;
            END
            """,
            // A name that only holds others gets another number.
            """
            CREATE TRIGGER annotation_of_renumbered_mailbox AFTER UPDATE OF mailbox_id ON mailbox BEGIN
              DELETE FROM annotation WHERE account_id = OLD.account_id AND mailbox_id = OLD.mailbox_id;
            END
            """,
            """
            CREATE TRIGGER annotation_of_removed_account AFTER DELETE ON account_state BEGIN
              DELETE FROM annotation WHERE account_id = OLD.account_id;
            END
            """,
        ])
}
