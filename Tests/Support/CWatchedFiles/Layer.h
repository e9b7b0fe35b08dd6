// What the two halves of the layer share.
#ifndef CWATCHEDFILES_LAYER_H
#define CWATCHEDFILES_LAYER_H

#include "CWatchedFiles.h"

struct layer {
    sqlite3_vfs vfs;
    sqlite3_vfs *system;
    struct watched_hooks hooks;
    int has_hooks;
    int syncs;
};

struct watched_file {
    sqlite3_file base;
    struct layer *layer;
    /// NULL of a file without a name. Valid until it is closed, as SQLite promises.
    const char *path;
    /// Follows this structure in memory.
    sqlite3_file *real;
};

extern const sqlite3_io_methods watched_file_methods;

/// Set when SQLite opens a folder, which it does for one purpose: to sync it after a file was made or removed in it.
extern _Thread_local int watched_folder_was_opened;

static inline int begin(
    struct layer *layer, int call, const char *path, const void *octets, int64_t offset, int64_t *count) {
    if (!layer->has_hooks || !path) return SQLITE_OK;
    return layer->hooks.begin(layer->hooks.context, call, path, octets, offset, count);
}

static inline void done(struct layer *layer, int call, const char *path, int64_t count) {
    if (layer->has_hooks && path) layer->hooks.done(layer->hooks.context, call, path, count);
}

#endif
