public import MailCore
public import NIOCore

/// The value of an address field (RFC 5322 §3.4 with the obsolete forms of §4.4), as far as it can be read.
public struct AddressList: Hashable, Sendable {
    /// One mailbox. All octets are as written, quoting undone, encoded words as they stand.
    public struct Mailbox: Hashable, Sendable {
        /// The phrase in front of the angle brackets, or a comment behind an address without brackets.
        public var displayName: [UInt8]?
        /// RFC 5322 §4.4 `obs-route` without its colon.
        public var route: [UInt8]?
        public var localPart: [UInt8]
        /// Empty where none is written.
        public var domain: [UInt8]

        public init(displayName: [UInt8]? = nil, route: [UInt8]? = nil, localPart: [UInt8], domain: [UInt8]) {
            self.displayName = displayName
            self.route = route
            self.localPart = localPart
            self.domain = domain
        }

        /// The display name with its encoded words decoded.
        public var name: String? { displayName.map { EncodedWords.decode($0) } }

        /// Nil when a part of it is missing.
        public var address: EmailAddress? {
            guard !localPart.isEmpty, !domain.isEmpty else { return nil }
            return EmailAddress(
                localPart: String(decoding: localPart, as: UTF8.self), domain: String(decoding: domain, as: UTF8.self))
        }
    }

    public enum Item: Hashable, Sendable {
        case mailbox(Mailbox)
        case group(name: [UInt8], members: [Mailbox])
    }

    public private(set) var items: [Item] = []
    /// Groups and mailboxes together.
    public private(set) var count = 0
    /// Something stands beside an address that is none of its parts: another reader may see another address there.
    public private(set) var hasRemains = false

    /// Groups and mailboxes read of one field name.
    public static let itemsMax = 10_000

    public init() {}

    public init(parsing value: ByteBuffer, limit: Int = itemsMax) { append(parsing: value, limit: limit) }

    public var isEmpty: Bool { items.isEmpty }

    /// All mailboxes, those in groups included.
    public var mailboxes: [Mailbox] {
        items.flatMap { item in
            switch item {
            case .mailbox(let mailbox): [mailbox]
            case .group(_, let members): members
            }
        }
    }

    /// Adds what another field of the same name holds.
    public mutating func append(parsing value: ByteBuffer, limit: Int = itemsMax) {
        value.withOctets { view in
            var parser = AddressParser(lexer: Lexer(view, view.all))
            var group: (name: [UInt8], members: [Mailbox])?
            while count < limit, let parsed = parser.next() {
                count += 1
                switch parsed {
                case .mailbox(let mailbox, isInGroup: true): group?.members.append(mailbox)
                case .mailbox(let mailbox, isInGroup: false):
                    close(&group)
                    items.append(.mailbox(mailbox))
                case .groupStart(let name):
                    close(&group)
                    group = (name, [])
                }
            }
            close(&group)
            if parser.hasRemains { hasRemains = true }
        }
    }

    private mutating func close(_ group: inout (name: [UInt8], members: [Mailbox])?) {
        if let closed = group { items.append(.group(name: closed.name, members: closed.members)) }
        group = nil
    }
}
