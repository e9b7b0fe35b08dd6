// SPDX-License-Identifier: GPL-2.0-or-later

import CClamAV
import Glibc

/// The folder for what libclamav unpacks: a folder in it for each worker. Its entries begin with "w-" and nothing else
/// in it is ever touched, so that a wrong setting costs nobody's files.
struct TemporaryFolder {
    let path: String

    /// Makes the folder where it is missing and removes what earlier processes left.
    ///
    /// - Returns: what is wrong with the folder, or nil.
    func prepare() -> String? {
        if mkdir(path, 0o700) != 0, errno != EEXIST { return "cannot make \(path): \(Log.lastError)" }
        var facts = stat()
        guard lstat(path, &facts) == 0 else { return "cannot look at \(path): \(Log.lastError)" }
        guard facts.st_mode & S_IFMT == S_IFDIR else { return "\(path) is not a folder" }
        guard facts.st_uid == geteuid(), facts.st_mode & 0o022 == 0 else {
            return "\(path) belongs to another user or others may write to it"
        }
        for name in Self.entries(of: path) where name.hasPrefix("w-") { Self.remove("\(path)/\(name)") }
        return nil
    }

    /// A new folder for a worker.
    func make(_ name: String) -> String? {
        let folder = "\(path)/w-\(name)"
        return mkdir(folder, 0o700) == 0 ? folder : nil
    }

    /// Removes a file or a folder with all it holds. Follows no links.
    static func remove(_ path: String) {
        var facts = stat()
        guard lstat(path, &facts) == 0 else { return }
        guard facts.st_mode & S_IFMT == S_IFDIR else { return _ = unlink(path) }
        for name in entries(of: path) { remove("\(path)/\(name)") }
        _ = rmdir(path)
    }

    /// Octets on disk below `path`, counted until `max` is passed.
    static func octets(below path: String, max: Int) -> Int {
        var total = 0
        for name in entries(of: path) where total <= max {
            var facts = stat()
            guard lstat("\(path)/\(name)", &facts) == 0 else { continue }
            total += Int(facts.st_blocks) * 512
            if facts.st_mode & S_IFMT == S_IFDIR { total += octets(below: "\(path)/\(name)", max: max - total) }
        }
        return total
    }

    private static func entries(of path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
