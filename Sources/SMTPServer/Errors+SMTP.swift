import Directory
import MessageStore
import SMTP

extension StoreError {
    /// RFC 3463: X.1.1 and X.2.2 are about the mailbox, 4.3.0 about us; 4xx keeps the mail at its sender.
    var smtpReply: Reply {
        switch self {
        case .overQuota: Reply(452, "4.2.2", "Mailbox full")
        case .diskFull: Reply(452, "4.3.1", "Insufficient system storage")
        default: Reply(451, "4.3.0", "Temporary failure, try again later")
        }
    }
}

extension DirectoryError {
    var smtpReply: Reply { Reply(451, "4.3.0", "Temporary failure, try again later") }
}
