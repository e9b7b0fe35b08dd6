internal import CSys
internal import Glibc
internal import MailCrypto

/// A folder that holds sets. All block.
///
///     segments/HH/…                  sealed segments, once for all sets
///     tails/<segment>/<from>-<to>    pieces of segments that were open
///     sets/<time>-<generation>-<n>/  manifest.json, SHA256SUMS, mail.db, spam.db, keys/, proof.json
struct Target: Sendable {
    let path: String

    var sets: String { path + "/sets" }

    func set(_ name: String) -> String { sets + "/" + name }

    func file(_ relative: String) -> String { path + "/" + relative }

    /// Makes the folders inside; the target itself must be there, lest a disk that is not mounted go unnoticed.
    func prepare() throws(BackupError) {
        guard Disk.isFolder(path) else { throw .targetMissing(path: path) }
        do {
            var isNew = false
            for name in ["segments", "tails", "sets"] where try Disk.makeFolder(file(name)) { isNew = true }
            if isNew { try Disk.sync(folder: path) }
        } catch {
            throw .targetNotWritable(path: path, detail: error.diagnostic)
        }
    }

    /// Names of complete sets, oldest first.
    func setNames() throws(BackupError) -> [String] {
        guard Disk.isFolder(path) else { throw .targetMissing(path: path) }
        return try Disk.names(in: sets).filter(Self.isSetName)
    }

    /// `20260131T235959Z-<generation>-<n>`: names sort by time.
    static func setName(at seconds: Int64, generation: Int64, number: Int) -> String {
        var time = time_t(seconds)
        var parts = tm()
        gmtime_r(&time, &parts)
        func pad(_ value: Int32, _ width: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
        }
        let date = pad(parts.tm_year + 1_900, 4) + pad(parts.tm_mon + 1, 2) + pad(parts.tm_mday, 2)
        let clock = pad(parts.tm_hour, 2) + pad(parts.tm_min, 2) + pad(parts.tm_sec, 2)
        return "\(date)T\(clock)Z-\(generation)-\(number)"
    }

    /// When a set of that name was made, in seconds since 1970.
    static func time(ofSet name: String) -> Int64? {
        let digits = name.utf8.filter { (0x30...0x39).contains($0) }.prefix(14).map { Int32($0) - 0x30 }
        guard isSetName(name), digits.count == 14 else { return nil }
        let number = { (range: Range<Int>) in digits[range].reduce(0) { $0 * 10 + $1 } }
        var parts = tm()
        (parts.tm_year, parts.tm_mon, parts.tm_mday) = (number(0..<4) - 1_900, number(4..<6) - 1, number(6..<8))
        (parts.tm_hour, parts.tm_min, parts.tm_sec) = (number(8..<10), number(10..<12), number(12..<14))
        return Int64(timegm(&parts))
    }

    static func isSetName(_ name: String) -> Bool {
        let octets = Array(name.utf8)
        let letters: (UInt8) -> Bool = { (0x30...0x39).contains($0) || $0 == 0x54 || $0 == 0x5a || $0 == 0x2d }
        return octets.count > 17 && octets.count < 64 && octets.allSatisfy(letters) && octets[8] == 0x54
            && octets[15] == 0x5a && octets[16] == 0x2d
    }

    func manifest(_ name: String) throws(BackupError) -> Manifest {
        guard Self.isSetName(name), Disk.isFolder(set(name)) else { throw .noSuchSet(name: name, target: path) }
        do {
            let octets = try Disk.read(set(name) + "/manifest.json", octetsMax: Manifest.octetsMax)
            let sums = String(
                decoding: try Disk.read(set(name) + "/SHA256SUMS", octetsMax: Manifest.octetsMax), as: UTF8.self)
            guard sums.hasPrefix("\(SHA256.hash(octets))  sets/\(name)/manifest.json\n") else {
                throw BackupError.failed(
                    operation: "read the manifest", detail: "its digest is not that in SHA256SUMS")
            }
            let manifest = try Manifest(decoding: octets)
            guard manifest.name == name else {
                throw BackupError.failed(operation: "read the manifest", detail: "it is that of \(manifest.name)")
            }
            return manifest
        } catch let error as BackupError {
            throw .unreadableSet(name: name, detail: error.diagnostic)
        } catch {
            throw .unreadableSet(name: name, detail: "manifest.json is no manifest")
        }
    }

    /// Nil when the set was never proven.
    func proof(_ name: String) -> Proof? {
        guard let octets = try? Disk.read(set(name) + "/proof.json", octetsMax: Proof.octetsMax) else { return nil }
        return try? Proof.decode(octets)
    }

    func record(_ proof: Proof) throws {
        try Disk.write(try proof.encoded(), to: set(proof.set) + "/proof.json")
        try Disk.sync(folder: set(proof.set))
    }

    /// Removes what a maker left that did not come to its end. Under the lock.
    func removeLeftovers() throws(BackupError) {
        for name in try Disk.names(in: sets) where name.hasPrefix(".") { try Disk.removeTree(sets + "/" + name) }
        for folder in ["segments", "tails"] {
            for inner in try Disk.names(in: file(folder)) {
                for name in try Disk.names(in: file(folder) + "/" + inner) where name.hasSuffix(".part") {
                    try Disk.remove(file(folder) + "/" + inner + "/" + name)
                }
            }
        }
    }

    /// Taken by whoever writes in the target, until it is dropped.
    final class Lock: Sendable {
        private let descriptor: Int32

        init(_ target: Target) throws(BackupError) {
            let path = target.file("lock")
            let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            guard opened >= 0 else {
                throw .targetNotWritable(path: target.path, detail: String(cString: strerror(errno)))
            }
            // A file system without locks is taken as it is.
            if csys_flock_try(opened) != 0, errno == EWOULDBLOCK {
                close(opened)
                throw .atWork(target: target.path)
            }
            descriptor = opened
        }

        deinit { close(descriptor) }
    }
}
