// SPDX-License-Identifier: Apache-2.0
#ifndef CWALBUFFER_H
#define CWALBUFFER_H

/// The name of a VFS that is the default one of the first call, but that the octets which SQLite appends to a WAL (two
/// writes a page) reach the file in few large writes: at the latest before the file is synced, read, measured or closed.
///
/// What SQLite wants synced it syncs through the same file, so that nothing is told as done before it is written: this
/// holds for connections with synchronous=FULL, whose commits end in a sync. NULL when it cannot be registered.
const char *cwalbuffer_vfs(void);

/// The same under another name (that lives as long as the process) on top of another VFS: for tests that watch or break
/// what lies below.
const char *cwalbuffer_register(const char *name, const char *name_below);

/// The end of that: when no database is open through it.
void cwalbuffer_unregister(const char *name);

#endif
