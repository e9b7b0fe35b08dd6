import Glibc
import Synchronization

@testable import MessageStore

/// What the store does.
extension TestDisk {
    var layer: FileLayer {
        var layer = FileLayer.system
        layer.fdatasync = { [self] descriptor in
            if fails(.sync) { return -1 }
            note { state in state.descriptors[descriptor].map { .sync(file: $0, before: state.events.count) } }
            return 0
        }
        layer.syncDirectory = { [self] full in
            if fails(.syncFolder) { return -1 }
            note { .syncFolder(path: path(of: full), before: $0.events.count) }
            return 0
        }
        layer.pwritev = { [self] in write($0, $1, $2) }
        layer.pread = { [self] in fails(.read) ? -1 : FileLayer.system.pread($0, $1, $2) }
        layer.openReading = { [self] in fails(.open) ? -1 : FileLayer.system.openReading($0) }
        layer.openWriting = { [self] full in
            if fails(.open) { return -1 }
            let descriptor = FileLayer.system.openWriting(full)
            state.withLock { state in
                state.descriptors[descriptor] = state.file(path(of: full))
            }
            return descriptor
        }
        layer.ftruncate = { [self] descriptor, octets in
            if fails(.truncate) { return -1 }
            note { state in state.descriptors[descriptor].map { .truncate(file: $0, size: octets) } }
            return FileLayer.system.ftruncate(descriptor, octets)
        }
        addNames(to: &layer)
        return layer
    }

    private func addNames(to layer: inout FileLayer) {
        layer.rename = { [self] from, to in
            if fails(.rename) { return -1 }
            let outcome = FileLayer.system.rename(from, to)
            if outcome == 0 {
                note { state in
                    state.rename([
                        NameChange(path: path(of: from), node: nil),
                        NameChange(path: path(of: to), node: state.names[path(of: from)]),
                    ])
                }
            }
            return outcome
        }
        layer.unlink = { [self] full in
            if fails(.unlink) { return -1 }
            let outcome = FileLayer.system.unlink(full)
            if outcome == 0 { note { $0.rename([NameChange(path: path(of: full), node: nil)]) } }
            return outcome
        }
        layer.mkdir = { [self] full in
            if fails(.mkdir) { return -1 }
            let outcome = FileLayer.system.mkdir(full)
            if outcome == 0 && full != root { note { $0.rename([NameChange(path: path(of: full), node: .folder)]) } }
            return outcome
        }
        layer.openNew = { [self] full in
            if fails(.create) { return -1 }
            let descriptor = FileLayer.system.openNew(full)
            if descriptor >= 0 {
                note { state in
                    state.descriptors[descriptor] = state.nextFile
                    return state.create(path(of: full))
                }
            }
            return descriptor
        }
    }

    private func write(_ descriptor: Int32, _ parts: UnsafeBufferPointer<iovec>, _ offset: Int) -> Int {
        var octets: [UInt8] = []
        for part in parts {
            octets.append(contentsOf: UnsafeRawBufferPointer(start: part.iov_base, count: part.iov_len))
        }
        if let kind = strike(.write) {
            guard kind == .short || kind == .partial, octets.count > 1 else {
                errno = kind.error
                return -1
            }
            octets.removeLast(octets.count / 2)
        }
        note { state in
            state.descriptors[descriptor].map { .write(file: $0, offset: offset, octets: octets) }
        }
        return octets.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, off_t(offset)) }
    }

    private func fails(_ call: DiskCall) -> Bool {
        guard let kind = strike(call) else { return false }
        errno = kind.error
        return true
    }
}
