import CSys
import Glibc

/// Who the process is: a server started by root becomes an ordinary user that may still bind ports below 1024.
enum Identity {
    struct Failure: Error, Sendable, Equatable {
        var detail: String
    }

    /// Becomes `user`, keeping CAP_NET_BIND_SERVICE and nothing else. Before any other thread starts.
    ///
    /// Does nothing for who is not root, and for an empty name.
    static func become(_ user: String) throws(Failure) {
        guard geteuid() == 0, !user.isEmpty, user != "root" else { return }
        guard let entry = getpwnam(user) else {
            throw Failure(detail: "there is no user \(user) to become; make it, or set the key user")
        }
        guard csys_become(entry.pointee.pw_uid, entry.pointee.pw_gid) == 0 else {
            throw Failure(detail: "cannot become the user \(user): \(String(cString: strerror(errno)))")
        }
    }

    /// Becomes the owner of a folder, for work on a stopped store by root. Before any other thread starts.
    static func becomeOwner(of path: String) throws(Failure) {
        var facts = stat()
        guard geteuid() == 0, stat(path, &facts) == 0, facts.st_uid != 0 else { return }
        guard csys_become(facts.st_uid, facts.st_gid) == 0 else {
            throw Failure(detail: "cannot become the owner of \(path): \(String(cString: strerror(errno)))")
        }
    }

    /// RLIMIT_NOFILE to its hard limit: thousands of idle connections are ordinary.
    static func raiseFileLimit() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1_024 }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Int(clamping: limit.rlim_cur)
    }
}
