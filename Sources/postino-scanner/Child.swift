// SPDX-License-Identifier: GPL-2.0-or-later

import CSys
import Glibc

/// A forked process of this program. Every process here has one thread, so that fork is safe.
enum Child {
    /// Forks. The child dies with its parent, keeps descriptors 0 to 2 and those given, and never returns.
    ///
    /// - Parameter keeping: descriptors of the child; it finds them as 3, 4, … in this order.
    static func fork(keeping kept: [Int32], _ body: () -> Never) -> pid_t? {
        let parent = getpid()
        let pid = csys_fork()
        if pid > 0 { return pid }
        if pid < 0 { return nil }
        guard csys_die_with_parent(SIGKILL) == 0, getppid() == parent else { _exit(71) }
        arrange(kept)
        body()
    }

    /// Moves the descriptors up out of the way, then down to their places, and closes all others.
    private static func arrange(_ kept: [Int32]) {
        let above = (kept.max() ?? 3) + Int32(kept.count) + 4
        let moved = kept.map { fcntl($0, F_DUPFD_CLOEXEC, above) }
        for (index, descriptor) in moved.enumerated() {
            guard descriptor >= 0, dup2(descriptor, 3 + Int32(index)) >= 0 else { _exit(71) }
        }
        csys_close_from(3 + Int32(kept.count))
    }

    /// Kills the process and waits for its end. The signal that ended it, or 0 when it left by itself.
    @discardableResult
    static func kill(_ pid: pid_t) -> Int32 {
        _ = Glibc.kill(pid, SIGKILL)
        return waitForEnd(of: pid)
    }

    static func waitForEnd(of pid: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 {
            if errno != EINTR { return 0 }
        }
        return status & 0x7f
    }
}
