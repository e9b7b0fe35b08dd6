import Directory
import MessageStore
import POP3

extension StoreError {
    /// RFC 3206 §3: what passes by itself, and what needs somebody's hand.
    var failure: ServerSession.Failure {
        switch self {
        case .noSuchAccount, .noSuchMailbox, .gone, .newerVersion, .olderVersion, .olderIndex: .permanent
        case .mailboxExists, .notAllowed, .overQuota, .keywordLimit, .keywordsChanged, .tooLarge, .busy, .diskFull,
            .storage:
            .temporary
        }
    }
}

extension DirectoryError {
    /// RFC 3206 §3.
    var failure: ServerSession.Failure {
        if case .newerVersion = self { .permanent } else { .temporary }
    }
}
