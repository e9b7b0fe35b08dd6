// SPDX-License-Identifier: GPL-2.0-or-later

import CSys
import Glibc

/// What a worker may use at most; above it the kernel refuses or kills.
enum ResourceLimits {
    /// - Parameters:
    ///   - memoryOctets: address space above what the process has now, with the signatures loaded.
    ///   - fileOctets: the largest file it may write.
    static func confine(memoryOctets: Int, fileOctets: Int) {
        _ = csys_no_new_privileges()
        set(__rlimit_resource_t(RLIMIT_CORE.rawValue), 0)
        set(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), 256)
        set(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), fileOctets)
        signal(SIGXFSZ, SIG_IGN)  // The write fails instead, and libclamav reports it.
        if let now = addressSpaceOctets() {
            set(__rlimit_resource_t(RLIMIT_AS.rawValue), now + memoryOctets)
        }
    }

    /// Lets the process use so much more processor time than it has used. Called before each message, since the
    /// kernel counts over the whole life of a process.
    static func allowProcessor(seconds: Int) {
        var usage = rusage()
        guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return }
        let used = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
        var limit = rlimit()
        limit.rlim_cur = rlim_t(used + seconds + 1)
        limit.rlim_max = rlim_t.max
        setrlimit(__rlimit_resource_t(RLIMIT_CPU.rawValue), &limit)
    }

    private static func set(_ resource: __rlimit_resource_t, _ value: Int) {
        var limit = rlimit(rlim_cur: rlim_t(value), rlim_max: rlim_t(value))
        setrlimit(resource, &limit)
    }

    /// The first number of /proc/self/statm, in pages.
    private static func addressSpaceOctets() -> Int? {
        let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var text = [UInt8](repeating: 0, count: 128)
        let count = read(descriptor, &text, text.count)
        guard count > 0 else { return nil }
        let first = text.prefix(count).prefix { $0 != UInt8(ascii: " ") }
        return Int(String(decoding: first, as: UTF8.self)).map { $0 * Int(sysconf(Int32(_SC_PAGESIZE))) }
    }
}
