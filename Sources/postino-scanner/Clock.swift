// SPDX-License-Identifier: GPL-2.0-or-later

import Glibc

enum Clock {
    /// Milliseconds that only go forward.
    static func now() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000 + time.tv_nsec / 1_000_000
    }
}
