// SPDX-License-Identifier: Apache-2.0
#include "CWALBuffer.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

// Below 128 KiB: the VFS below takes no more in one write (it keeps 17 bits of the count).
enum { BUFFER_OCTETS = 120 << 10 };

// What SQLite sees of an open WAL; behind it stands the file of the VFS below.
typedef struct {
    sqlite3_file base;
    sqlite3_file *below;
    sqlite3_int64 start;
    int count;
    unsigned char *octets;
} WALFile;

// One of ours, and the one that it stands on.
typedef struct {
    sqlite3_vfs base;
    sqlite3_vfs *below;
} BufferVFS;

static sqlite3_vfs *below(sqlite3_vfs *vfs) { return ((BufferVFS *)vfs)->below; }

static int flush(WALFile *file) {
    if (file->count == 0) return SQLITE_OK;
    int count = file->count;
    // Also when it fails: SQLite writes what it could not write again, from where its WAL ends.
    file->count = 0;
    return file->below->pMethods->xWrite(file->below, file->octets, count, file->start);
}

static int wal_close(sqlite3_file *base) {
    WALFile *file = (WALFile *)base;
    int code = flush(file);
    int closed = file->below->pMethods->xClose(file->below);
    free(file->octets);
    file->octets = NULL;
    return code != SQLITE_OK ? code : closed;
}

static int wal_read(sqlite3_file *base, void *octets, int count, sqlite3_int64 offset) {
    WALFile *file = (WALFile *)base;
    int code = flush(file);
    return code != SQLITE_OK ? code : file->below->pMethods->xRead(file->below, octets, count, offset);
}

static int wal_write(sqlite3_file *base, const void *octets, int count, sqlite3_int64 offset) {
    WALFile *file = (WALFile *)base;
    if (file->count > 0 && (offset != file->start + file->count || file->count + count > BUFFER_OCTETS)) {
        int code = flush(file);
        if (code != SQLITE_OK) return code;
    }
    if (count > BUFFER_OCTETS) return file->below->pMethods->xWrite(file->below, octets, count, offset);
    if (file->count == 0) file->start = offset;
    memcpy(file->octets + file->count, octets, (size_t)count);
    file->count += count;
    return SQLITE_OK;
}

static int wal_truncate(sqlite3_file *base, sqlite3_int64 size) {
    WALFile *file = (WALFile *)base;
    int code = flush(file);
    return code != SQLITE_OK ? code : file->below->pMethods->xTruncate(file->below, size);
}

static int wal_sync(sqlite3_file *base, int flags) {
    WALFile *file = (WALFile *)base;
    int code = flush(file);
    return code != SQLITE_OK ? code : file->below->pMethods->xSync(file->below, flags);
}

static int wal_size(sqlite3_file *base, sqlite3_int64 *size) {
    WALFile *file = (WALFile *)base;
    int code = flush(file);
    return code != SQLITE_OK ? code : file->below->pMethods->xFileSize(file->below, size);
}

// A WAL is never locked, mapped or shared: that is done on the database's own file.
static int wal_lock(sqlite3_file *base, int level) {
    (void)base, (void)level;
    return SQLITE_OK;
}

static int wal_is_locked(sqlite3_file *base, int *answer) {
    (void)base;
    *answer = 0;
    return SQLITE_OK;
}

static int wal_control(sqlite3_file *base, int operation, void *argument) {
    WALFile *file = (WALFile *)base;
    int code = flush(file);
    return code != SQLITE_OK ? code : file->below->pMethods->xFileControl(file->below, operation, argument);
}

static int wal_sector(sqlite3_file *base) {
    WALFile *file = (WALFile *)base;
    return file->below->pMethods->xSectorSize(file->below);
}

static int wal_characteristics(sqlite3_file *base) {
    WALFile *file = (WALFile *)base;
    return file->below->pMethods->xDeviceCharacteristics(file->below);
}

static const sqlite3_io_methods wal_methods = {
    .iVersion = 1,
    .xClose = wal_close,
    .xRead = wal_read,
    .xWrite = wal_write,
    .xTruncate = wal_truncate,
    .xSync = wal_sync,
    .xFileSize = wal_size,
    .xLock = wal_lock,
    .xUnlock = wal_lock,
    .xCheckReservedLock = wal_is_locked,
    .xFileControl = wal_control,
    .xSectorSize = wal_sector,
    .xDeviceCharacteristics = wal_characteristics,
};

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags, int *opened) {
    // All other files are those of the VFS below.
    if (!(flags & SQLITE_OPEN_WAL)) return below(vfs)->xOpen(below(vfs), name, base, flags, opened);
    WALFile *file = (WALFile *)base;
    memset(file, 0, sizeof *file);
    file->below = (sqlite3_file *)(file + 1);
    memset(file->below, 0, sizeof *file->below);
    file->octets = malloc(BUFFER_OCTETS);
    if (!file->octets) return SQLITE_NOMEM;
    int code = below(vfs)->xOpen(below(vfs), name, file->below, flags, opened);
    if (code != SQLITE_OK) {
        free(file->octets);
        file->octets = NULL;
        // SQLite closes what has methods, also when it could not be opened.
        if (file->below->pMethods) file->below->pMethods->xClose(file->below);
        return code;
    }
    file->base.pMethods = &wal_methods;
    return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int syncs) {
    return below(vfs)->xDelete(below(vfs), name, syncs);
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *answer) {
    return below(vfs)->xAccess(below(vfs), name, flags, answer);
}

static int vfs_full_path(sqlite3_vfs *vfs, const char *name, int count, char *path) {
    return below(vfs)->xFullPathname(below(vfs), name, count, path);
}

static int vfs_randomness(sqlite3_vfs *vfs, int count, char *octets) {
    return below(vfs)->xRandomness(below(vfs), count, octets);
}

static int vfs_sleep(sqlite3_vfs *vfs, int microseconds) { return below(vfs)->xSleep(below(vfs), microseconds); }

static int vfs_error(sqlite3_vfs *vfs, int count, char *text) {
    return below(vfs)->xGetLastError ? below(vfs)->xGetLastError(below(vfs), count, text) : 0;
}

static int vfs_time(sqlite3_vfs *vfs, sqlite3_int64 *time) { return below(vfs)->xCurrentTimeInt64(below(vfs), time); }

const char *cwalbuffer_register(const char *name, const char *name_below) {
    sqlite3_vfs *found = sqlite3_vfs_find(name_below);
    BufferVFS *vfs = calloc(1, sizeof *vfs);
    if (!found || found->iVersion < 2 || !vfs) {
        free(vfs);
        return NULL;
    }
    vfs->below = found;
    vfs->base = (sqlite3_vfs){
        .iVersion = 2,
        .szOsFile = (int)sizeof(WALFile) + found->szOsFile,
        .mxPathname = found->mxPathname,
        .zName = name,
        .xOpen = vfs_open,
        .xDelete = vfs_delete,
        .xAccess = vfs_access,
        .xFullPathname = vfs_full_path,
        .xRandomness = vfs_randomness,
        .xSleep = vfs_sleep,
        .xGetLastError = vfs_error,
        .xCurrentTimeInt64 = vfs_time,
    };
    if (sqlite3_vfs_register(&vfs->base, 0) == SQLITE_OK) return name;
    free(vfs);
    return NULL;
}

void cwalbuffer_unregister(const char *name) {
    sqlite3_vfs *vfs = sqlite3_vfs_find(name);
    if (!vfs || vfs->xOpen != vfs_open) return;
    sqlite3_vfs_unregister(vfs);
    free(vfs);
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static const char *registered;

static void register_once(void) { registered = cwalbuffer_register("postino-wal-buffer", NULL); }

const char *cwalbuffer_vfs(void) {
    pthread_once(&once, register_once);
    return registered;
}
