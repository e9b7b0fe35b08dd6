import Glibc
import Synchronization

@testable import MessageStore

/// A file layer whose calls fail, or are watched, as a test says.
final class FaultyLayer: Sendable {
    struct State {
        /// Octets that still fit on the disk.
        var spaceLeft = Int.max
        var failsSync = false
        var syncs = 0
        /// Synced length of each file, by inode.
        var synced: [UInt: Int] = [:]
        /// Called on the writer's thread before it syncs a segment, with the number of the sync.
        var beforeSync: (@Sendable (Int) -> Void)?
    }

    let state = Mutex(State())

    var layer: FileLayer {
        var layer = FileLayer.system
        layer.pwritev = { [self] descriptor, parts, offset in
            let wanted = parts.reduce(0) { $0 + Int($1.iov_len) }
            let fits = state.withLock { state in
                defer { state.spaceLeft -= min(state.spaceLeft, wanted) }
                return min(state.spaceLeft, wanted)
            }
            guard fits > 0 || wanted == 0 else {
                errno = ENOSPC
                return -1
            }
            if fits == wanted { return FileLayer.system.pwritev(descriptor, parts, offset) }
            // A short write, as a disk that fills up makes it.
            guard let first = parts.first(where: { $0.iov_len > 0 }) else { return 0 }
            return pwrite(descriptor, first.iov_base, min(fits, Int(first.iov_len)), off_t(offset))
        }
        layer.fdatasync = { [self] descriptor in
            let isOfWriter = Self.path(of: descriptor).contains("/segments/")
            let (number, hook, fails) = state.withLock { state in
                if isOfWriter { state.syncs += 1 }
                return (state.syncs, isOfWriter ? state.beforeSync : nil, state.failsSync)
            }
            hook?(number)
            if fails {
                errno = EIO
                return -1
            }
            var status = stat()
            fstat(descriptor, &status)
            state.withLock { $0.synced[UInt(status.st_ino)] = Int(status.st_size) }
            return FileLayer.system.fdatasync(descriptor)
        }
        return layer
    }

    private static func path(of descriptor: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 1_024)
        let count = readlink("/proc/self/fd/\(descriptor)", &buffer, buffer.count)
        return String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
