#include "Layer.h"

#include <stdlib.h>
#include <string.h>

_Thread_local int watched_folder_was_opened;

static int (*system_open_folder)(const char *, int *);

static int open_folder(const char *path, int *descriptor) {
    watched_folder_was_opened = 1;
    return system_open_folder(path, descriptor);
}

#define LAYER_OF(vfs) struct layer *layer = (struct layer *)(vfs)

static int layer_open(sqlite3_vfs *vfs, sqlite3_filename path, sqlite3_file *file, int flags, int *opened) {
    LAYER_OF(vfs);
    struct watched_file *self = (struct watched_file *)file;
    memset(self, 0, sizeof *self);
    self->layer = layer;
    self->path = path;
    self->real = (sqlite3_file *)(self + 1);
    int64_t none = 0;
    int code = begin(layer, WATCHED_OPEN, path, NULL, 0, &none);
    if (code) return code;
    code = layer->system->xOpen(layer->system, path, self->real, flags, opened);
    if (code) return code;
    self->base.pMethods = &watched_file_methods;
    done(layer, WATCHED_OPEN, path, none);
    return SQLITE_OK;
}

static int layer_delete(sqlite3_vfs *vfs, const char *path, int syncs_folder) {
    LAYER_OF(vfs);
    int64_t none = 0;
    int code = begin(layer, WATCHED_DELETE, path, NULL, 0, &none);
    if (code) return code;
    watched_folder_was_opened = 0;
    code = layer->system->xDelete(layer->system, path, layer->syncs && syncs_folder);
    if (code) return code;
    done(layer, WATCHED_DELETE, path, none);
    if (watched_folder_was_opened) done(layer, WATCHED_SYNC_FOLDER, path, none);
    return SQLITE_OK;
}

static int layer_access(sqlite3_vfs *vfs, const char *path, int flags, int *outcome) {
    LAYER_OF(vfs);
    return layer->system->xAccess(layer->system, path, flags, outcome);
}

static int layer_full_path(sqlite3_vfs *vfs, const char *path, int count, char *outcome) {
    LAYER_OF(vfs);
    return layer->system->xFullPathname(layer->system, path, count, outcome);
}

static int layer_randomness(sqlite3_vfs *vfs, int count, char *octets) {
    LAYER_OF(vfs);
    return layer->system->xRandomness(layer->system, count, octets);
}

static int layer_sleep(sqlite3_vfs *vfs, int microseconds) {
    LAYER_OF(vfs);
    return layer->system->xSleep(layer->system, microseconds);
}

static int layer_time(sqlite3_vfs *vfs, double *now) {
    LAYER_OF(vfs);
    return layer->system->xCurrentTime(layer->system, now);
}

static int layer_last_error(sqlite3_vfs *vfs, int count, char *text) {
    LAYER_OF(vfs);
    return layer->system->xGetLastError(layer->system, count, text);
}

static int layer_time_integer(sqlite3_vfs *vfs, sqlite3_int64 *now) {
    LAYER_OF(vfs);
    return layer->system->xCurrentTimeInt64(layer->system, now);
}

int watched_files_register(const char *name, const struct watched_hooks *hooks, int syncs) {
    static sqlite3_mutex *mutex;
    sqlite3_vfs *system = sqlite3_vfs_find("unix");
    if (!system) return -1;
    mutex = sqlite3_mutex_alloc(SQLITE_MUTEX_STATIC_APP1);
    sqlite3_mutex_enter(mutex);
    if (!system_open_folder) {
        system_open_folder = (int (*)(const char *, int *))system->xGetSystemCall(system, "openDirectory");
        system->xSetSystemCall(system, "openDirectory", (sqlite3_syscall_ptr)open_folder);
    }
    sqlite3_mutex_leave(mutex);
    struct layer *layer = calloc(1, sizeof *layer);
    char *copy = strdup(name);
    if (!layer || !copy) {
        free(layer);
        free(copy);
        return -1;
    }
    layer->system = system;
    layer->syncs = syncs;
    if (hooks) {
        layer->hooks = *hooks;
        layer->has_hooks = 1;
    }
    layer->vfs = (sqlite3_vfs){
        .iVersion = 2,
        .szOsFile = (int)sizeof(struct watched_file) + system->szOsFile,
        .mxPathname = system->mxPathname,
        .zName = copy,
        .xOpen = layer_open,
        .xDelete = layer_delete,
        .xAccess = layer_access,
        .xFullPathname = layer_full_path,
        .xRandomness = layer_randomness,
        .xSleep = layer_sleep,
        .xCurrentTime = layer_time,
        .xGetLastError = layer_last_error,
        .xCurrentTimeInt64 = layer_time_integer,
    };
    return sqlite3_vfs_register(&layer->vfs, 0) == SQLITE_OK ? 0 : -1;
}

void watched_files_unregister(const char *name) {
    sqlite3_vfs *vfs = sqlite3_vfs_find(name);
    if (!vfs || vfs->xOpen != layer_open) return;
    sqlite3_vfs_unregister(vfs);
    free((void *)vfs->zName);
    free(vfs);
}
