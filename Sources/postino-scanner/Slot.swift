// SPDX-License-Identifier: GPL-2.0-or-later

import Glibc
import ScannerWire

/// A place for a worker: its process, which is replaced when it dies, and what it is doing.
struct Slot {
    struct Task {
        var id: UInt32
        var startedAt: Int
        var deadline: Int
    }

    var pid: pid_t
    var channel: Channel
    /// Where it unpacks; empty for SPF.
    var folder: String
    let isForSPF: Bool
    var task: Task?
    /// The count of requests when it became idle: the one that is idle longest is next.
    var idleSince = 0
    /// Messages done by this process.
    var served = 0

    var isIdle: Bool { task == nil }
}

/// A request that waits for a worker.
struct Waiting {
    var id: UInt32
    var datagram: [UInt8]
    var descriptor: Int32
}
