// SPDX-License-Identifier: GPL-2.0-or-later

import CClamAV
import Glibc

/// The signature files of a folder as they are at one moment, to notice a change.
///
/// `cl_statchkdir` does this for a folder that exists and in whole seconds; this also sees a folder that appears, and
/// a file replaced twice within a second.
struct SignatureFolder: Equatable {
    private struct File: Equatable {
        var name: String
        var inode: UInt
        var octets: Int
        var seconds: Int
        var nanoseconds: Int
    }

    private var files: [File] = []
    private(set) var exists = false

    /// The suffixes that libclamav loads (its CLI_DBEXT).
    private static let suffixes: Set<String> = [
        "db", "hdb", "hdu", "fp", "sfp", "mdb", "mdu", "hsb", "hsu", "msb", "msu", "ndb", "ndu", "ldb", "ldu", "zmd",
        "rmd", "idb", "ign", "ign2", "info", "cat", "ftm", "cfg", "pdb", "gdb", "wdb", "cbc", "crb", "imp", "cdb",
        "cvd",
        "cld", "cud", "ioc", "yar", "yara", "pwdb", "sdb",
    ]

    init(_ path: String) {
        guard let folder = opendir(path) else { return }
        defer { closedir(folder) }
        exists = true
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard let dot = name.lastIndex(of: "."), dot != name.startIndex,
                Self.suffixes.contains(String(name[name.index(after: dot)...]))
            else { continue }
            var facts = stat()
            guard fstatat(dirfd(folder), name, &facts, 0) == 0, facts.st_mode & S_IFMT == S_IFREG else { continue }
            files.append(
                File(
                    name: name, inode: UInt(facts.st_ino), octets: Int(facts.st_size),
                    seconds: facts.st_mtim.tv_sec, nanoseconds: facts.st_mtim.tv_nsec))
        }
        files.sort { $0.name < $1.name }
    }

    var isEmpty: Bool { files.isEmpty }

    /// Seconds since 1970 at which the newest file was written; 0 without one.
    var newest: Int { files.map(\.seconds).max() ?? 0 }
}
