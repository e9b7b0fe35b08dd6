import SQLite
import Synchronization

/// Sits in the writer's thread and tells the disk after each COMMIT what the index holds.
final class Witness: GroupParticipant {
    private let disk: TestDisk
    private let path: String
    private let rows = Mutex<IndexRows?>(nil)

    init(_ disk: TestDisk) {
        self.disk = disk
        path = disk.root + "/mail.db"
    }

    func flush() {}

    func record(in transaction: WriteTransaction) {}

    func committed() {
        let text = rows.withLock { rows -> String? in
            let reader = rows ?? IndexRows(path)
            rows = reader
            return reader.read()
        }
        disk.committed(text ?? "the rows cannot be read")
    }

    /// Before the database is closed.
    func close() { rows.withLock { $0 = nil } }
}
