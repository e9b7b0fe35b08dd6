import CWatchedFiles

/// What SQLite does.
extension TestDisk {
    func registerHooks() {
        var hooks = watched_hooks(
            context: Unmanaged.passUnretained(self).toOpaque(),
            begin: { context, call, path, octets, offset, count in
                guard let context, let path, let count, let call = DiskCall(call) else { return SQLITE_OK }
                return Unmanaged<TestDisk>.fromOpaque(context).takeUnretainedValue()
                    .begin(call, String(cString: path), octets, Int(offset), &count.pointee)
            },
            done: { context, call, path, count in
                guard let context, let path else { return }
                Unmanaged<TestDisk>.fromOpaque(context).takeUnretainedValue()
                    .done(UInt32(bitPattern: call), String(cString: path), Int(count))
            })
        watched_files_register(layerName, &hooks, isRecording ? 1 : 0)
    }

    private func begin(
        _ call: DiskCall, _ path: String, _ octets: UnsafeRawPointer?, _ offset: Int, _ count: inout Int64
    ) -> Int32 {
        if let kind = strike(call, isOfIndex: true) {
            count = kind == .short ? count / 2 : 0
            return kind.code(of: call)
        }
        let length = Int(count)
        var mark: Int?
        note { state in
            guard let file = state.file(self.path(of: path)) else { return nil }
            switch call {
            case .write:
                return .write(
                    file: file, offset: offset,
                    octets: [UInt8](UnsafeRawBufferPointer(start: octets, count: octets == nil ? 0 : length)))
            case .truncate: return .truncate(file: file, size: offset)
            case .sync:
                mark = state.events.count
                return nil
            default: return nil
            }
        }
        if let mark { count = Int64(mark) }
        return SQLITE_OK
    }

    private func done(_ call: UInt32, _ full: String, _ mark: Int) {
        let path = path(of: full)
        note { state in
            switch call {
            // The database file itself is made by the process before SQLite opens it.
            case WATCHED_OPEN.rawValue: return state.names[path] == nil ? state.create(path) : nil
            case WATCHED_DELETE.rawValue: return state.rename([NameChange(path: path, node: nil)])
            case WATCHED_SYNC.rawValue: return state.file(path).map { .sync(file: $0, before: mark) }
            case WATCHED_SYNC_FOLDER.rawValue:
                return .syncFolder(path: NameChange.folder(of: path), before: state.events.count)
            default: return nil
            }
        }
    }
}
