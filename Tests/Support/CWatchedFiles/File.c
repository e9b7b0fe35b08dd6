#include "Layer.h"

#include <stddef.h>

#define FILE_OF(file) struct watched_file *self = (struct watched_file *)(file)
#define REAL self->real->pMethods

static int file_close(sqlite3_file *file) {
    FILE_OF(file);
    return REAL->xClose(self->real);
}

static int file_read(sqlite3_file *file, void *octets, int count, sqlite3_int64 offset) {
    FILE_OF(file);
    int64_t wanted = count;
    int code = begin(self->layer, WATCHED_READ, self->path, NULL, offset, &wanted);
    return code ? code : REAL->xRead(self->real, octets, count, offset);
}

static int file_write(sqlite3_file *file, const void *octets, int count, sqlite3_int64 offset) {
    FILE_OF(file);
    int64_t part = count;
    int code = begin(self->layer, WATCHED_WRITE, self->path, octets, offset, &part);
    if (code == SQLITE_OK) return REAL->xWrite(self->real, octets, count, offset);
    if (part > 0 && part < count) REAL->xWrite(self->real, octets, (int)part, offset);
    return code;
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size) {
    FILE_OF(file);
    int64_t none = 0;
    int code = begin(self->layer, WATCHED_TRUNCATE, self->path, NULL, size, &none);
    return code ? code : REAL->xTruncate(self->real, size);
}

static int file_sync(sqlite3_file *file, int flags) {
    FILE_OF(file);
    int64_t token = 0;
    int code = begin(self->layer, WATCHED_SYNC, self->path, NULL, 0, &token);
    if (code || !self->layer->syncs) return code;
    watched_folder_was_opened = 0;
    code = REAL->xSync(self->real, flags);
    if (code) return code;
    done(self->layer, WATCHED_SYNC, self->path, token);
    if (watched_folder_was_opened) done(self->layer, WATCHED_SYNC_FOLDER, self->path, token);
    return SQLITE_OK;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size) {
    FILE_OF(file);
    int64_t none = 0;
    int code = begin(self->layer, WATCHED_SIZE, self->path, NULL, 0, &none);
    return code ? code : REAL->xFileSize(self->real, size);
}

static int file_lock(sqlite3_file *file, int level) {
    FILE_OF(file);
    return REAL->xLock(self->real, level);
}

static int file_unlock(sqlite3_file *file, int level) {
    FILE_OF(file);
    return REAL->xUnlock(self->real, level);
}

static int file_check_lock(sqlite3_file *file, int *outcome) {
    FILE_OF(file);
    return REAL->xCheckReservedLock(self->real, outcome);
}

static int file_control(sqlite3_file *file, int operation, void *argument) {
    FILE_OF(file);
    return REAL->xFileControl(self->real, operation, argument);
}

static int file_sector_size(sqlite3_file *file) {
    FILE_OF(file);
    return REAL->xSectorSize(self->real);
}

static int file_characteristics(sqlite3_file *file) {
    FILE_OF(file);
    return REAL->xDeviceCharacteristics(self->real);
}

static int file_map(sqlite3_file *file, int region, int size, int extends, void volatile **memory) {
    FILE_OF(file);
    int64_t count = size;
    int code = extends ? begin(self->layer, WATCHED_SHARE, self->path, NULL, region, &count) : SQLITE_OK;
    return code ? code : REAL->xShmMap(self->real, region, size, extends, memory);
}

static int file_shared_lock(sqlite3_file *file, int offset, int count, int flags) {
    FILE_OF(file);
    return REAL->xShmLock(self->real, offset, count, flags);
}

static void file_barrier(sqlite3_file *file) {
    FILE_OF(file);
    REAL->xShmBarrier(self->real);
}

static int file_unmap(sqlite3_file *file, int deletes) {
    FILE_OF(file);
    return REAL->xShmUnmap(self->real, deletes);
}

// Version 2: without memory-mapped reads, which the store does not use.
const sqlite3_io_methods watched_file_methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_check_lock,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_characteristics,
    .xShmMap = file_map,
    .xShmLock = file_shared_lock,
    .xShmBarrier = file_barrier,
    .xShmUnmap = file_unmap,
};
