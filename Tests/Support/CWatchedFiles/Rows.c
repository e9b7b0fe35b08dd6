#include "CWatchedFiles.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct text {
    char *start;
    size_t count;
    size_t room;
};

static int add(struct text *text, const void *octets, size_t count) {
    if (text->room - text->count < count + 1) {
        size_t room = 2 * text->room + count + 4096;
        char *start = realloc(text->start, room);
        if (!start) return -1;
        text->start = start;
        text->room = room;
    }
    memcpy(text->start + text->count, octets, count);
    text->count += count;
    text->start[text->count] = 0;
    return 0;
}

/// FNV-1a.
static uint64_t hash(const unsigned char *octets, int count) {
    uint64_t value = 0xcbf29ce484222325;
    for (int index = 0; index < count; index++) value = (value ^ octets[index]) * 0x100000001b3;
    return value;
}

static int add_column(struct text *text, sqlite3_stmt *statement, int column) {
    char number[48];
    int count = sqlite3_column_bytes(statement, column);
    switch (sqlite3_column_type(statement, column)) {
    case SQLITE_NULL: return add(text, "NULL", 4);
    case SQLITE_BLOB:
        count = snprintf(
            number, sizeof number, "%d:%016llx", count,
            (unsigned long long)hash(sqlite3_column_blob(statement, column), count));
        return add(text, number, (size_t)count);
    default: {
        const unsigned char *content = sqlite3_column_text(statement, column);
        return content ? add(text, content, (size_t)sqlite3_column_bytes(statement, column)) : -1;
    }
    }
}

char *watched_files_rows(sqlite3 *database, const char *sql) {
    sqlite3_stmt *statement = NULL;
    struct text text = {0};
    if (sqlite3_prepare_v2(database, sql, -1, &statement, NULL) != SQLITE_OK || add(&text, "", 0) != 0) {
        free(text.start);
        return NULL;
    }
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        for (int column = 0; column < sqlite3_column_count(statement); column++) {
            if ((column > 0 && add(&text, "|", 1) != 0) || add_column(&text, statement, column) != 0) break;
        }
        if (add(&text, "\n", 1) != 0) break;
    }
    sqlite3_finalize(statement);
    if (code == SQLITE_DONE) return text.start;
    free(text.start);
    return NULL;
}
