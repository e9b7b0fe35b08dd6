import Control
import Directory

extension Failure {
    init(_ error: DirectoryError, tried: String) {
        let (code, word, next): (ExitCode, String, String) =
            switch error {
            case .noSuchDomain(let name):
                (
                    .notFound, "no-such-domain",
                    "See the domains with: postino domain list. Add it with: postino domain add \(name)"
                )
            case .domainExists: (.refused, "domain-exists", "")
            case .domainInUse(let name, _):
                (
                    .refused, "domain-in-use",
                    "Remove its mailboxes first. See them with: postino mailbox list --domain \(name)"
                )
            case .domainIsAlias(_, let other): (.refused, "domain-is-alias", "Make it in \(other).")
            case .domainHasAliases:
                (.refused, "domain-has-aliases", "Remove those first, with: postino domain remove NAME")
            case .noSuchAccount: (.notFound, "no-such-mailbox", "See the mailboxes with: postino mailbox list")
            case .accountExists: (.refused, "mailbox-exists", "Set a new password with: postino mailbox password")
            case .noSuchAlias: (.notFound, "no-such-alias", "See the aliases with: postino alias list")
            case .addressTaken: (.refused, "address-taken", "Choose another address, or remove what has it.")
            case .invalid: (.usage, "invalid", "")
            case .limit: (.refused, "limit", "")
            case .busy: (.failed, "busy", "Try again in a moment.")
            case .newerVersion:
                (.failed, "newer-version", "Use the newer program, or restore a backup into an empty folder.")
            case .storage: (.failed, "storage", "Look into the server's log, and at the disk.")
            }
        self.init(code, word, tried: tried, obstacle: error.diagnostic, next: next)
    }
}
