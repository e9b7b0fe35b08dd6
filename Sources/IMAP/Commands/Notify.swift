/// The arguments of NOTIFY SET (RFC 5465 §3, §8).
public struct Notify: Hashable, Sendable {
    /// What may be told (RFC 5465 §5).
    public struct Events: OptionSet, Hashable, Sendable {
        public var rawValue: UInt8

        public init(rawValue: UInt8) { self.rawValue = rawValue }

        public static let messageNew = Events(rawValue: 1 << 0)
        public static let messageExpunge = Events(rawValue: 1 << 1)
        public static let flagChange = Events(rawValue: 1 << 2)
        public static let mailboxName = Events(rawValue: 1 << 3)
        public static let subscriptionChange = Events(rawValue: 1 << 4)
        public static let mailboxMetadataChange = Events(rawValue: 1 << 5)
        public static let serverMetadataChange = Events(rawValue: 1 << 6)

        /// Those about messages.
        public static let messages: Events = [.messageNew, .messageExpunge, .flagChange]

        static let names: [String] = [
            "MessageNew", "MessageExpunge", "FlagChange", "MailboxName", "SubscriptionChange", "MailboxMetadataChange",
            "ServerMetadataChange",
        ]
    }

    public enum Scope: Hashable, Sendable {
        case selected
        /// EXPUNGE waits until numbers may change (RFC 5465 §6.1).
        case selectedDelayed
        case mailboxes(MailboxFilter)
    }

    public struct Group: Hashable, Sendable {
        public var scope: Scope
        /// Empty: NONE.
        public var events: Events
        /// Of new messages in the selected mailbox.
        public var fetched: [FetchItem]

        public init(_ scope: Scope, _ events: Events, fetched: [FetchItem] = []) {
            self.scope = scope
            self.events = events
            self.fetched = fetched
        }

        /// How many mailboxes are named.
        var namesCount: Int {
            switch scope {
            case .mailboxes(.mailboxes(let names)), .mailboxes(.subtree(let names)),
                .mailboxes(.subtreeOne(let names)):
                names.count
            case .mailboxes, .selected, .selectedDelayed: 0
            }
        }
    }

    /// STATUS of every mailbox at once.
    public var wantsStatus: Bool
    /// 1 to 16; for a mailbox the first counts that names it.
    public var groups: [Group]

    public init(_ groups: [Group], wantsStatus: Bool = false) {
        self.groups = groups
        self.wantsStatus = wantsStatus
    }

    /// What is wanted of the selected mailbox; nil where nothing was said of it.
    public var selected: Group? {
        groups.first { $0.scope == .selected || $0.scope == .selectedDelayed }
    }
}

extension CommandSyntax {
    /// Parses the arguments of NOTIFY:
    ///
    ///     notify       = "NOTIFY" SP (notify-add / notify-none)
    ///     notify-add   = "SET" [SP "STATUS"] SP event-groups
    ///     event-groups = event-group *(SP event-group)                          ; RFC 5465 §8
    static let notify = CommandSyntax("NOTIFY", in: .authenticated) { p throws(SyntaxError) in
        try p.space()
        if p.take(word: "NONE") { return .request(.notify(nil)) }
        guard p.take(word: "SET ") else { throw p.expected("SET or NONE") }
        var notify = Notify([], wantsStatus: p.take(word: "STATUS "))
        var unknown: [String] = []
        repeat {
            guard notify.groups.count < MailboxFilter.countMax else {
                throw .limitExceeded("event-groups", max: MailboxFilter.countMax)
            }
            notify.groups.append(try p.eventGroup(&unknown))
            // Each name is compared with each mailbox whenever one comes or goes.
            guard notify.groups.reduce(0, { $0 + $1.namesCount }) <= MailboxFilter.mailboxesMax else {
                throw .limitExceeded("mailbox", max: MailboxFilter.mailboxesMax)
            }
        } while p.take(" ")
        // RFC 5465 §7: with the events that there are.
        guard unknown.isEmpty else {
            return .refused(.no(.badEvent(Notify.Events.names), "Not all of these events are known here"))
        }
        return .request(.notify(notify))
    }
}

extension Parser {
    /// `event-group = "(" filter-mailboxes SP events ")"`
    fileprivate mutating func eventGroup(_ unknown: inout [String]) throws(SyntaxError) -> Notify.Group {
        let start = position
        try require("(")
        let scope = try notifyScope()
        try space()
        var group = Notify.Group(scope, [])
        if !take(word: "NONE") {
            let isOfMailboxes = if case .mailboxes = scope { true } else { false }
            var names: [String] = []
            _ = try list(of: "events", max: 16) { p throws(SyntaxError) in
                try p.event(into: &group, &names, mayFetch: !isOfMailboxes)
            }
            unknown += names
            // §5: new messages and expunged ones, or neither; flags only with both.
            let both: Notify.Events = [.messageNew, .messageExpunge]
            let isWhole = group.events.isDisjoint(with: .messages) || group.events.isSuperset(of: both)
            // §6.1: of the selected mailbox only what happens to messages.
            guard isWhole, isOfMailboxes || group.events.isSubset(of: .messages) else {
                throw .expected("events that go together", at: start)
            }
        }
        try require(")")
        return group
    }

    private mutating func notifyScope() throws(SyntaxError) -> Notify.Scope {
        if take(word: "SELECTED-DELAYED") { return .selectedDelayed }
        let filter = try mailboxFilter()
        return filter == .selected ? .selected : .mailboxes(filter)
    }

    private mutating func event(
        into group: inout Notify.Group, _ unknown: inout [String], mayFetch: Bool
    ) throws(SyntaxError) {
        let name = try keyword("event")
        guard let bit = Notify.Events.names.firstIndex(where: { $0.uppercased() == name }) else {
            return unknown.append(name)
        }
        group.events.insert(Notify.Events(rawValue: 1 << UInt8(bit)))
        let start = position
        guard name == "MESSAGENEW", take(" ") else { return }
        guard next == UInt8(ascii: "(") else { return rewind(to: start) }
        guard mayFetch else { throw .expected("event", at: start) }
        group.fetched = try list(of: "fetch-att", max: FetchItem.countMax) { p throws(SyntaxError) in
            try p.fetchItem()
        }
    }
}
