import IMAP
import MailCore
import MessageStore

/// What one LIST tells (RFC 5258 §3): the names that match, chosen by the selection options.
struct Listing {
    struct Entry {
        var name: MailboxName
        /// Nil for a name without a mailbox.
        var place: Place?
        var attributes: MailboxAttributes
        var specialUse: SpecialUse
        /// Selection options that something below holds.
        var childInfo: [String]
    }

    private let list: List
    private let places: [String: Place]
    private let tree: NameTree
    private let subscribed: Set<String>
    /// Names above a mailbox that the selection holds, by option.
    private var above: [(option: String, names: Set<String>)] = []

    init(_ list: List, places: [Place], subscribed: [String]) {
        self.list = list
        self.places = Dictionary(places.map { ($0.name.text, $0) }, uniquingKeysWith: { first, _ in first })
        self.subscribed = Set(subscribed)
        // RFC 5258 §3.1: with SUBSCRIBED also names that are subscribed and no mailboxes.
        let names = places.map(\.name.text) + (list.selection.contains(.subscribed) ? subscribed : [])
        tree = NameTree(Array(Set(names)))
        guard list.selection.contains(.recursiveMatch) else { return }
        if list.selection.contains(.subscribed) { above.append(("SUBSCRIBED", NameTree(subscribed).parents)) }
        if list.selection.contains(.specialUse) {
            above.append(
                ("SPECIAL-USE", NameTree(places.filter { !$0.row.specialUse.isEmpty }.map(\.name.text)).parents))
        }
    }

    var entries: [Entry] {
        tree.matching(list).compactMap { name in
            let childInfo = above.filter { $0.names.contains(name.text) }.map(\.option)
            guard isSelected(name) || !childInfo.isEmpty else { return nil }
            let place = places[name.text]
            let wantsUse = list.returned.contains(.specialUse) || list.selection.contains(.specialUse)
            return Entry(
                name: name, place: place, attributes: attributes(of: name, place?.row),
                specialUse: wantsUse ? place?.row.specialUse ?? [] : [], childInfo: childInfo)
        }
    }

    /// RFC 5258 §3.1: the selection options must all hold.
    private func isSelected(_ name: MailboxName) -> Bool {
        if list.selection.contains(.subscribed), !subscribed.contains(name.text) { return false }
        if list.selection.contains(.specialUse), places[name.text]?.row.specialUse.isEmpty != false { return false }
        return true
    }

    private func attributes(of name: MailboxName, _ row: MailboxRow?) -> MailboxAttributes {
        var attributes: MailboxAttributes = []
        if list.returned.contains(.children) { attributes = tree.hasChildren(name) ? .hasChildren : .hasNoChildren }
        if list.selection.contains(.subscribed) || list.returned.contains(.subscribed), subscribed.contains(name.text) {
            attributes.insert(.subscribed)
        }
        if let row {
            if !row.isSelectable { attributes.insert(.noSelect) }
        } else {
            // A name that was listed only for what is below it (RFC 3501 §6.3.8), or only subscribed (RFC 5258 §3.4).
            attributes.insert(list.isExtended ? .nonExistent : .noSelect)
        }
        return attributes
    }
}
