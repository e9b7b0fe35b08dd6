internal import Glibc
internal import MailCrypto

/// Writes the folder of a set and makes it appear. Blocks.
struct SetFolder {
    let target: Target
    let copier: FileCopy
    let workspace: Workspace
    let options: Keeper.Options

    /// - Returns: the manifest with the files of the set itself.
    func write(_ draft: Manifest) throws -> Manifest {
        var manifest = draft
        let building = target.sets + "/.making-" + manifest.name
        try Disk.makeFolder(building)
        try add(workspace.freshIndex, as: "mail.db", restoredAs: "mail.db", building, &manifest)
        if Disk.octets(of: workspace.freshSpam) != nil {
            try add(workspace.freshSpam, as: "spam.db", restoredAs: "spam.db", building, &manifest)
        }
        try Disk.makeFolder(building + "/keys")
        for (number, path) in options.keyFiles.enumerated() where Disk.octets(of: path) != nil {
            let name = "keys/\(number + 1)-" + Self.plain(path.split(separator: "/").last ?? "key")
            try add(path, as: name, restoredAs: placeInside(path) ?? name, building, &manifest)
        }
        let octets = try manifest.encoded()
        try Disk.write(octets, to: building + "/manifest.json")
        try Disk.write(
            Array(manifest.digestLines(manifestSHA256: "\(SHA256.hash(octets))").utf8), to: building + "/SHA256SUMS")
        try Disk.sync(folder: building + "/keys")
        try Disk.sync(folder: building)
        try Disk.move(building, to: target.set(manifest.name))
        try Disk.sync(folder: target.sets)
        return manifest
    }

    private func add(
        _ path: String, as name: String, restoredAs: String, _ building: String, _ manifest: inout Manifest
    ) throws(BackupError) {
        guard let octets = Disk.octets(of: path) else { throw Disk.failure("read \(path)") }
        let digest = try copier.copy(path, range: 0..<octets, to: building + "/" + name)
        manifest.files.append(
            Manifest.File(
                path: "sets/\(manifest.name)/\(name)", octets: octets, sha256: "\(digest)", restoredAs: restoredAs))
        manifest.octetsAdded += octets
    }

    /// Where a key lies inside the state folder, so that a restore puts it there again; nil for one elsewhere.
    private func placeInside(_ path: String) -> String? {
        let folder = options.stateFolder.hasSuffix("/") ? options.stateFolder : options.stateFolder + "/"
        guard path.hasPrefix(folder) else { return nil }
        let inside = String(path.dropFirst(folder.count))
        return inside.split(separator: "/").contains("..") || inside.hasPrefix("/") ? nil : inside
    }

    /// A file name of letters that no list of digests or shell stumbles over.
    private static func plain(_ name: Substring) -> String {
        String(
            decoding: name.utf8.prefix(100).map { octet in
                switch octet {
                case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f: octet
                default: UInt8(ascii: "_")
                }
            }, as: UTF8.self)
    }
}
