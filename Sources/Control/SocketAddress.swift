public import Glibc

/// Where the control socket of a state folder is.
public enum SocketAddress {
    public static let fileName = "control.sock"

    /// Calls `body` with the address of `directory/name`, however long that path is.
    ///
    /// A socket's path has at most 107 octets; through /proc and a descriptor of the folder every folder will do.
    ///
    /// - Returns: what `body` returns (0, or -1 and errno), or -1 and errno when the folder cannot be opened.
    public static func withAddress(
        of name: String, in directory: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        let folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return -1 }
        defer {
            let code = errno
            close(folder)
            errno = code
        }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = Array("/proc/self/fd/\(folder)/\(name)".utf8)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard path.count < room else {
            errno = ENAMETOOLONG
            return -1
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
