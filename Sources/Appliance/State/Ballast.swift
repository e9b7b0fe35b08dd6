import Execution
import Glibc
import Logging
import Observation

/// A file of nothing that is thrown off when a server must start on a full disk: the database needs some room to be read
/// at all.
actor Ballast {
    static let octets: Int64 = 16 << 20
    /// With less than that free the database may not open.
    private static let neededOctets: Int64 = 8 << 20
    private static let keepSeconds: Int64 = 60

    private let path: String
    private let reserveOctets: Int64
    private let files: BlockingPool
    private var task: Task<Void, Never>?

    init(folder: StateFolder, reserveOctets: Int64, files: BlockingPool) {
        path = Self.path(in: folder)
        self.reserveOctets = reserveOctets
        self.files = files
    }

    private static func path(in folder: StateFolder) -> String { folder.file("ballast") }

    /// Before anything else is opened in the folder.
    static func throwOff(in folder: StateFolder) {
        guard let free = freeOctets(at: path(in: folder)), free < neededOctets else { return }
        if unlink(path(in: folder)) == 0 {
            Log.logger("postino").critical("the disk is full: the ballast is thrown off, so that mail can be read")
        }
    }

    /// Takes it in, now and when it is missing and there is room again.
    func start() {
        task = Task { [weak self] in
            while !Task.isCancelled {
                await self?.takeIn()
                guard (try? await Task.sleep(for: .seconds(Self.keepSeconds))) != nil else { return }
            }
        }
    }

    func stop() async {
        task?.cancel()
        await task?.value
    }

    private func takeIn() async {
        _ = try? await files.run(priority: .bulk) { [path, reserveOctets] in
            guard access(path, F_OK) != 0, let free = Self.freeOctets(at: path),
                free > reserveOctets + 4 * Self.octets
            else { return }
            let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            guard file >= 0 else { return }
            if posix_fallocate(file, 0, off_t(Self.octets)) != 0 { unlink(path) }
            close(file)
        }
    }

    private static func freeOctets(at path: String) -> Int64? {
        var facts = statvfs()
        let folder = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) + "/"
        guard statvfs(folder, &facts) == 0 else { return nil }
        return Int64(clamping: UInt64(facts.f_bavail) &* UInt64(facts.f_frsize))
    }
}
