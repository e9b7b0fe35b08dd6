// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-or-later
// Calls of Linux that Swift cannot see: they need _GNU_SOURCE, are variadic, or are macros.
#ifndef CSYS_H
#define CSYS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// memfd_create(2), closed on exec. -1 and errno on failure.
int csys_memfd(const char *name);

/// Sends one datagram with at most one descriptor (-1 for none) over a SOCK_SEQPACKET socket; no SIGPIPE.
/// The octets sent, or -1 and errno.
ssize_t csys_send_fd(int socket, const void *data, size_t count, int fd);

/// Receives one datagram and at most one descriptor (-1 when none came), closed on exec.
/// The octets received, 0 at end of file, or -1 and errno; EMSGSIZE when the datagram was cut.
ssize_t csys_recv_fd(int socket, void *data, size_t count, int *fd);

/// flock(2), exclusive: 0, or -1 and errno (EWOULDBLOCK when another holds it). Asks again for a fifth of a second: a
/// process that this one starts shares the lock between fork and exec, so that one just given up can seem held.
int csys_flock_try(int fd);

/// prctl(PR_SET_PDEATHSIG, signal).
int csys_die_with_parent(int signal);

/// prctl(PR_SET_NAME, name): the calling thread's name, at most 15 octets.
int csys_name_thread(const char *name);

/// Becomes an ordinary user and group for good, without supplementary groups, with CAP_NET_BIND_SERVICE as the only
/// capability left and no new privileges ever. Call it while the process has one thread. 0, or -1 and errno.
int csys_become(uid_t user, gid_t group);

/// sync_file_range(2), to start writing what was just written without waiting for it.
int csys_start_writeback(int fd, int64_t offset, int64_t count);

/// As csys_recv_fd, but -1 and EAGAIN at once when nothing is there, whatever the socket's mode.
ssize_t csys_recv_fd_now(int socket, void *data, size_t count, int *fd);

/// fork(2), which Swift hides since a process with threads may do next to nothing in the child. For processes that
/// have one thread only.
pid_t csys_fork(void);

/// Closes every descriptor from `first` up.
void csys_close_from(int first);

/// prctl(PR_SET_NO_NEW_PRIVS, 1).
int csys_no_new_privileges(void);

/// pipe2(2), closed on exec: 0, or -1 and errno.
int csys_pipe(int ends[2]);

/// eventfd(2), closed on exec, never waits. -1 and errno on failure.
int csys_eventfd(void);

/// CRC-32C of `data`, continuing that of what came before it (0 at the beginning): by the machine's own instruction where
/// it has one.
uint32_t csys_crc32c(uint32_t previous, const void *data, size_t count);

/// The same without it, for a comparison.
uint32_t csys_crc32c_by_table(uint32_t previous, const void *data, size_t count);

/// Has posix_spawn(3) close every descriptor from `first` up.
int csys_spawn_close_from(void *actions, int first);

/// memmem(3): where `needle` begins in `hay`, or NULL.
const void *csys_memmem(const void *hay, size_t count, const void *needle, size_t needle_count);

#endif
