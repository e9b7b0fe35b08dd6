// A layer between SQLite and the system's files that asks before each call whether it may be made, and tells of it after.
#ifndef CWATCHEDFILES_H
#define CWATCHEDFILES_H

#include <sqlite3.h>
#include <stdint.h>

enum watched_call {
    WATCHED_OPEN = 1,
    WATCHED_READ,
    WATCHED_WRITE,
    WATCHED_TRUNCATE,
    WATCHED_SYNC,
    WATCHED_SIZE,
    WATCHED_DELETE,
    /// The memory that connections share grows, on disk, too.
    WATCHED_SHARE,
    /// Only told of: the folder that holds the file was synced.
    WATCHED_SYNC_FOLDER,
};

struct watched_hooks {
    void *context;
    /// Before a call: 0 lets it be made, anything else is the code it fails with. Of a write that fails, `*count` octets
    /// are still written. Of a truncation `offset` is the new length. Of a sync `*count` comes back in `done`.
    int (*begin)(void *context, int call, const char *path, const void *octets, int64_t offset, int64_t *count);
    /// After a call that went well.
    void (*done)(void *context, int call, const char *path, int64_t count);
};

/// Registers a layer under a name for sqlite3_open_v2: 0, or -1 when the system's own is not there.
///
/// hooks: NULL for none. syncs: without it nothing is ever synced, which spares the time where a test has its own idea of
/// what the disk keeps; then no folder's sync is told of, either.
int watched_files_register(const char *name, const struct watched_hooks *hooks, int syncs);

/// When no connection uses it any more.
void watched_files_unregister(const char *name);

/// Runs a query and gives its rows as lines of text, blobs as their length and a hash. NULL on failure; else to be freed.
char *watched_files_rows(sqlite3 *database, const char *sql);

#endif
