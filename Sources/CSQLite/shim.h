#include <sqlite3.h>

// sqlite3_db_config is variadic, the destructor constants are casts, and the extended codes are expressions: none of them
// comes over to Swift.

static const int csqlite_no_space_to_share = SQLITE_IOERR_SHMSIZE;

/// The last close must not move frames into the database that a backup has not seen.
static inline int csqlite_no_checkpoint_on_close(sqlite3 *db) {
    int is_on = 0;
    return sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, &is_on);
}

/// No writing to the schema tables, and no double-quoted strings taken for text.
static inline int csqlite_harden(sqlite3 *db) {
    int is_on = 0;
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, &is_on);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, &is_on);
    return sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, &is_on);
}

static inline int csqlite_bind_text(sqlite3_stmt *statement, int index, const char *text, int count) {
    return sqlite3_bind_text(statement, index, text, count, SQLITE_TRANSIENT);
}

static inline int csqlite_bind_blob(sqlite3_stmt *statement, int index, const void *octets, int count) {
    if (count == 0) return sqlite3_bind_zeroblob(statement, index, 0);
    return sqlite3_bind_blob(statement, index, octets, count, SQLITE_TRANSIENT);
}
