import Glibc

/// Who is at the other end of a Unix socket, as the kernel says.
enum PeerIdentity {
    /// The user of the process that connected; nil when the kernel does not tell.
    static func user(of descriptor: Int32) -> uid_t? {
        // struct ucred { pid_t pid; uid_t uid; gid_t gid; }, which Swift does not see.
        var credentials: [UInt32] = [0, 0, 0]
        var size = socklen_t(12)
        guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0, size == 12 else { return nil }
        return credentials[1]
    }
}
