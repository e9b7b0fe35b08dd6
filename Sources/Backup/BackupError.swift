internal import Execution
public import MessageStore
internal import SQLite

/// What stood in the way of a backup, a proof or a restore.
public enum BackupError: Error, Equatable, Sendable {
    /// Another backup, proof or clean-up of this target is under way.
    case atWork(target: String)
    case targetMissing(path: String)
    case targetNotWritable(path: String, detail: String)
    /// The target holds backups of another store, or of this one from a later life of it.
    case foreignTarget(path: String, detail: String)
    case noSets(target: String)
    case noSuchSet(name: String, target: String)
    /// The manifest is missing, damaged, or of a newer program.
    case unreadableSet(name: String, detail: String)
    /// A file of a set is not what the manifest says; nothing was restored from it.
    case damaged(set: String, file: String, detail: String)
    case folderNotEmpty(path: String)
    /// Octets that were needed and octets that are free.
    case noSpace(path: String, neededOctets: Int64, freeOctets: Int64)
    case diskFull(operation: String)
    /// Segments were removed while they were copied, again and again.
    case storeChanging
    case store(StoreError)
    case failed(operation: String, detail: String)

    /// What happened: for the log and for the operator.
    public var diagnostic: String {
        switch self {
        case .atWork(let target): "another backup or proof is under way in \(target)"
        case .targetMissing(let path): "there is no folder \(path)"
        case .targetNotWritable(let path, let detail): "cannot write in \(path): \(detail)"
        case .foreignTarget(let path, let detail): "\(path) cannot take this store's backups: \(detail)"
        case .noSets(let target): "there is no complete backup set in \(target)"
        case .noSuchSet(let name, let target): "there is no backup set \(name) in \(target)"
        case .unreadableSet(let name, let detail): "the backup set \(name) cannot be read: \(detail)"
        case .damaged(let set, let file, let detail): "the backup set \(set) is damaged: \(file): \(detail)"
        case .folderNotEmpty(let path): "the folder \(path) is not empty"
        case .noSpace(let path, let needed, let free):
            "not enough space in \(path): \(needed) octets are needed, \(free) are free"
        case .diskFull(let operation): "\(operation): no space left on the disk"
        case .storeChanging: "segments were removed while they were being copied"
        case .store(let error): error.diagnostic
        case .failed(let operation, let detail): "\(operation): \(detail)"
        }
    }

    /// What the operator can do next.
    public var advice: String {
        switch self {
        case .atWork: "Wait until it has ended, then try again."
        case .targetMissing: "Mount the backup disk, or make the folder, owned by the user that the server runs as."
        case .targetNotWritable:
            "Give the folder to the user that the server runs as; see that it is not mounted read-only."
        case .foreignTarget:
            "Give each server a folder of its own; of a restored server and the old one only one may go on."
        case .noSets: "Make one with: postino backup now"
        case .noSuchSet: "See the sets with: postino backup list"
        case .unreadableSet: "Use another set, or the program that wrote it."
        case .damaged:
            "Use another set. `postino backup now` mends segments whose live copies are good, after a verify."
        case .folderNotEmpty: "Restore into a new folder; nothing is ever restored over what is there."
        case .noSpace, .diskFull: "Free some space, or use another disk, then try again."
        case .storeChanging: "Try again when less is being removed."
        case .store, .failed: "Look at the log and the disk, then try again."
        }
    }

    /// Any error of the layers below in this module's words.
    init(_ error: any Error, during operation: String) {
        switch error {
        case let error as BackupError: self = error
        case StoreError.diskFull: self = .diskFull(operation: operation)
        case let error as StoreError: self = .store(error)
        case DatabaseError.diskFull: self = .diskFull(operation: operation)
        case let error as DatabaseError: self = .failed(operation: operation, detail: error.diagnostic)
        case is BlockingPool.Full: self = .failed(operation: operation, detail: "too much work waits")
        default: self = .failed(operation: operation, detail: "\(error)")
        }
    }
}
