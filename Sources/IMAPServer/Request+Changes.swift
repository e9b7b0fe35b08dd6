import IMAP

extension ServerSession.Request {
    /// The command's name, for the log.
    var name: String { String("\(self)".prefix { $0 != "(" }) }

    /// RFC 3501 §5.2: after these the client hears what changed in its mailbox.
    var isFollowedByChanges: Bool {
        switch self {
        case .authenticate, .findKeys, .admit, .select, .examine, .spool, .stage, .discardSpool, .close, .unselect,
            .logout, .unauthenticate:
            false
        default: true
        }
    }

    /// RFC 3501 §7.4.1: numbers must not change while they are being used.
    var allowsExpunges: Bool {
        switch self {
        case .fetch(let fetch): fetch.byUID
        case .store(let store): store.byUID
        // RFC 7162 §3.2.10.2: a UID SEARCH that names numbers is none.
        case .search(let search): search.byUID && !search.key.namesNumbers
        case .sort(let sort): sort.search.byUID && !sort.search.key.namesNumbers
        case .thread(let threading): threading.byUID && !threading.key.namesNumbers
        default: true
        }
    }
}
