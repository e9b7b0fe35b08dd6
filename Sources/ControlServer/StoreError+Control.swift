import Control
import MessageStore

extension Failure {
    init(_ error: StoreError, tried: String) {
        let (code, word, next): (ExitCode, String, String) =
            switch error {
            case .noSuchAccount: (.notFound, "no-such-mailbox", "See the mailboxes with: postino mailbox list")
            case .noSuchMailbox: (.notFound, "no-such-folder", "See the folders with: postino mailbox show ADDRESS")
            case .mailboxExists: (.refused, "folder-exists", "")
            case .notAllowed, .keywordLimit, .keywordsChanged, .tooLarge: (.refused, "not-allowed", "")
            case .overQuota: (.refused, "over-quota", "Raise it with: postino quota set")
            case .busy: (.failed, "busy", "Try again in a moment.")
            case .diskFull: (.failed, "disk-full", "Make room on the disk of the state folder.")
            case .gone: (.notFound, "gone", "")
            case .newerVersion:
                (.failed, "newer-version", "Use the newer program, or restore a backup into an empty folder.")
            case .olderVersion: (.failed, "older-version", "Convert it with: postino store upgrade")
            case .olderIndex, .storage: (.failed, "storage", "Look into the server's log, and at the disk.")
            }
        self.init(code, word, tried: tried, obstacle: error.diagnostic, next: next)
    }
}
