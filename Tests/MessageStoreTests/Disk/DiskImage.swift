import Glibc

/// The files of a folder at one moment.
struct DiskImage: Sendable {
    /// Paths relative to it, folders before what is in them.
    var folders: [String] = []
    var files: [String: [UInt8]] = [:]

    /// What can be reached by names: a file in a folder whose own name is gone is gone, too.
    init(names: [String: DiskNode], contents: [Int: [UInt8]]) {
        for (path, node) in names.sorted(by: { $0.key < $1.key }) {
            let folder = NameChange.folder(of: path)
            guard folder.isEmpty || folders.contains(folder) else { continue }
            switch node {
            case .folder: folders.append(path)
            case .file(let number): files[path] = contents[number] ?? []
            }
        }
    }

    /// Makes a folder hold this and nothing else.
    ///
    /// A file that is there is written over, not replaced: the process keeps a descriptor of every database that it ever
    /// opened (see `RawFile`), and a new one each time would soon be too many.
    func write(to folder: String) {
        mkdir(folder, 0o700)
        clear(folder, "")
        for path in folders { mkdir(folder + "/" + path, 0o700) }
        for (path, octets) in files {
            let descriptor = open(folder + "/" + path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            _ = octets.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
            ftruncate(descriptor, off_t(octets.count))
            close(descriptor)
        }
    }

    private func clear(_ folder: String, _ path: String) {
        for name in Folder.names(folder) {
            let inner = path.isEmpty ? name : path + "/" + name
            if folders.contains(inner) {
                clear(folder + "/" + name, inner)
            } else if files[inner] == nil {
                Folder.remove(folder + "/" + name)
            }
        }
    }
}
