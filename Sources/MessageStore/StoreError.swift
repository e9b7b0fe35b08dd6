internal import Execution
internal import SQLite

/// What the store cannot do. Each server says it in its protocol's words.
public enum StoreError: Error, Equatable, Sendable {
    case noSuchAccount
    case noSuchMailbox
    case mailboxExists
    /// The request cannot be granted by rule: the reason is one English sentence for the client.
    case notAllowed(reason: String)
    case overQuota(usedOctets: Int64, limitOctets: Int64)
    /// An account has at most 47 keywords.
    case keywordLimit
    /// A keyword's bit was freed since the caller learned its name: learn them again.
    case keywordsChanged
    case tooLarge(octetsMax: Int)
    /// More work waits than may; nothing was done.
    case busy
    /// No space on the disk; nothing was done.
    case diskFull
    /// A body's segment is not where it was: compacted meanwhile, or erased.
    case gone
    case newerVersion(detail: String)
    /// The index must be converted first.
    case olderVersion(detail: String)
    /// The index is older than the segments beside it: somebody put back an old copy.
    case olderIndex(detail: String)
    /// The disk, the file or our own SQL failed. What was asked for may or may not be done.
    case storage(operation: String, detail: String)

    /// For the log, beside the connection's identifier. Never for the wire.
    public var diagnostic: String {
        switch self {
        case .noSuchAccount: "no such account"
        case .noSuchMailbox: "no such mailbox"
        case .mailboxExists: "the mailbox exists"
        case .notAllowed(let reason): reason
        case .overQuota(let used, let limit): "over quota: \(used) of \(limit) octets"
        case .keywordLimit: "all keywords of the account are taken"
        case .keywordsChanged: "keywords were freed meanwhile"
        case .tooLarge(let max): "larger than \(max) octets"
        case .busy: "the store is busy"
        case .diskFull: "no space left on the disk"
        case .gone: "the message's octets are gone"
        case .newerVersion(let detail), .olderVersion(let detail), .olderIndex(let detail): detail
        case .storage(let operation, let detail): "\(operation): \(detail)"
        }
    }

    /// Any error of the layers below in the store's words.
    init(_ error: any Error) {
        switch error {
        case let error as StoreError: self = error
        case is BlockingPool.Full, DatabaseError.busy: self = .busy
        case DatabaseError.diskFull: self = .diskFull
        case let error as DatabaseError:
            switch error {
            case .newerVersion, .notOurs: self = .newerVersion(detail: error.diagnostic)
            case .olderVersion: self = .olderVersion(detail: error.diagnostic)
            case .storage(let operation, let detail): self = .storage(operation: operation, detail: detail)
            default: self = .storage(operation: "database", detail: error.diagnostic)
            }
        default: self = .storage(operation: "store", detail: "\(error)")
        }
    }
}
