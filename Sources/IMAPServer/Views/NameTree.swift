import IMAP

/// The names of an account's mailboxes, with the names above them that may be none.
struct NameTree {
    /// INBOX first, then by name.
    private let names: [MailboxName]
    /// All that others are below of.
    let parents: Set<String>

    init(_ texts: [String]) {
        names = texts.compactMap { MailboxName($0) }.sorted {
            $0.isInbox != $1.isInbox ? $0.isInbox : $0.text < $1.text
        }
        parents = Set(names.flatMap { $0.ancestors.map(\.text) })
    }

    func hasChildren(_ name: MailboxName) -> Bool { parents.contains(name.text) }

    /// The names that a LIST asks for; where a pattern ends in "%" also those that are only above others
    /// (RFC 3501 §6.3.8).
    func matching(_ list: List) -> [MailboxName] {
        var matches = names.filter { list.matches($0) }
        guard list.patterns.contains(where: \.endsInLevelWildcard) else { return matches }
        var seen = Set(names.map(\.text))
        for name in names {
            for above in name.ancestors where seen.insert(above.text).inserted && list.matches(above) {
                matches.append(above)
            }
        }
        return matches
    }
}
