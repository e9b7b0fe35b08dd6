import Directory
import IMAP
import MessageStore

extension StoreError {
    /// RFC 5530 §3 codes; what is behind it is for the log.
    var completion: Completion {
        switch self {
        case .noSuchAccount: .no(.authorizationFailed, "This account is gone")
        case .noSuchMailbox: .no(.nonExistent, "No such mailbox")
        case .mailboxExists: .no(.alreadyExists, "There is a mailbox of that name")
        case .notAllowed(let reason): .no(.cannot, reason)
        case .overQuota: .no(.overQuota, "The mailbox is full")
        case .keywordsChanged: .no(.inUse, "Keywords were changed meanwhile, try again")
        case .keywordLimit: .no(.limit, "No more keywords can be made")
        case .tooLarge(let octetsMax): .no(.tooBig, "A message has at most \(octetsMax) octets")
        case .busy: .no(.unavailable, "The server is busy, try again later")
        case .diskFull: .no(.unavailable, "Insufficient system storage, try again later")
        case .gone: .no(.expungeIssued, "The message is gone")
        case .newerVersion, .olderVersion, .olderIndex, .storage: .no(.serverBug, "Internal failure, try again later")
        }
    }

    /// RFC 3501 §6.3.11 and §6.4.7: where CREATE would help, TRYCREATE says so.
    var completionForDestination: Completion {
        self == .noSuchMailbox ? .no(.tryCreate, "No such mailbox") : completion
    }

    /// Whether somebody should look at the server, and not at the client.
    var isOurs: Bool {
        switch self {
        case .noSuchMailbox, .mailboxExists, .notAllowed, .overQuota, .keywordLimit, .keywordsChanged, .tooLarge: false
        case .noSuchAccount, .busy, .diskFull, .gone, .newerVersion, .olderVersion, .olderIndex, .storage: true
        }
    }
}

extension DirectoryError {
    var completion: Completion { .no(.unavailable, "Temporary failure, try again later") }
}
