public import NIOCore

/// One message to be appended (RFC 3501 §6.3.11).
public struct Append: Equatable, Sendable {
    public enum Body: Equatable, Sendable {
        /// At most `ServerConfiguration.memoryOctetsMax`.
        case memory(ByteBuffer)
        /// What the `spool` requests since the last command brought, so many octets together.
        case spooled(octets: Int)
        /// To be put together (RFC 4469).
        case parts([CatenatePart])

        /// In octets.
        public var count: Int {
            switch self {
            case .memory(let buffer): buffer.readableBytes
            case .spooled(let octets): octets
            case .parts: 0
            }
        }
    }

    public var mailbox: MailboxName
    public var flags: FlagList
    /// Nil: now.
    public var internalDate: InternalDate?
    /// At least one octet.
    public var body: Body
    /// Written as `UTF8 (~{n}…)` (RFC 6855 §4).
    public var isUTF8 = false
    /// The message of the selected mailbox that goes when this one comes (RFC 8508).
    public var replaces: Replaced?

    public struct Replaced: Hashable, Sendable {
        public var number: SequenceSet.Bound
        public var byUID: Bool

        public init(_ number: SequenceSet.Bound, byUID: Bool) {
            self.number = number
            self.byUID = byUID
        }
    }

    /// So many messages of the same command were handed out by `stage` requests before (RFC 3502).
    public var staged: Int

    public init(
        to mailbox: MailboxName, flags: FlagList = .init(), internalDate: InternalDate? = nil, body: Body,
        staged: Int = 0
    ) {
        self.mailbox = mailbox
        self.flags = flags
        self.internalDate = internalDate
        self.body = body
        self.staged = staged
    }
}

extension CommandSyntax {
    /// A whole command that says APPEND holds its message only when that is to be put together: a literal that is one is
    /// taken out of the framer's hands as it begins.
    static let append = CommandSyntax("APPEND", in: .authenticated) { p throws(SyntaxError) in
        try p.catenated(replaces: nil)
    }
}

extension CommandSyntax {
    static let replace = CommandSyntax("REPLACE", in: .selected) { p throws(SyntaxError) in
        try p.catenated(replaces: false)
    }
    static let uidReplace = CommandSyntax("UID REPLACE", in: .selected) { p throws(SyntaxError) in
        try p.catenated(replaces: true)
    }
}

extension Parser {
    /// `append = "APPEND" SP mailbox 1*append-message` (RFC 3502 §6.3.11), up to the first literal.
    ///
    /// Called behind the command's name. The body is empty until the literal has come.
    ///
    /// - Parameter byUID: for `replace = "REPLACE" SP seq-number SP mailbox append-message` (RFC 8508 §5), else nil.
    mutating func appendHead(replaces byUID: Bool? = nil) throws(SyntaxError) -> Append {
        try space()
        var replaced: Append.Replaced?
        if let byUID {
            let number: SequenceSet.Bound = take("*") ? .largest : .number(try nonZeroNumber("seq-number"))
            replaced = Append.Replaced(number, byUID: byUID)
            try space()
        }
        var append = Append(to: try mailbox(), body: .memory(ByteBuffer()))
        append.replaces = replaced
        try appendMessageHead(into: &append)
        return append
    }

    /// `append-message` with CATENATE in the literal's place.
    fileprivate mutating func catenated(replaces byUID: Bool?) throws(SyntaxError) -> Command {
        var append = try appendHead(replaces: byUID)
        guard take(word: "CATENATE ") else { throw expected("literal") }
        append.body = .parts(try catenateParts())
        return .request(.append(append))
    }

    /// `append-message = [SP flag-list] [SP date-time] SP literal`, up to the literal.
    mutating func appendMessageHead(into append: inout Append) throws(SyntaxError) {
        try space()
        if next == UInt8(ascii: "(") {
            append.flags = try flagList()
            try space()
        }
        if next == .doubleQuote {
            append.internalDate = try dateTime()
            try space()
        }
        // RFC 6855 §4: only of a client that has enabled UTF-8.
        if features.usesUTF8, take(word: "UTF8 (") { append.isUTF8 = true }
    }

    /// Whether the message is to be put together from parts, so that its literals are the framer's.
    private var isCatenated: Bool {
        var head = self
        let byUID: Bool? = head.take(word: "UID REPLACE") ? true : head.take(word: "REPLACE") ? false : nil
        guard byUID != nil || head.take(word: "APPEND"), (try? head.appendHead(replaces: byUID)) != nil else {
            return false
        }
        return head.take(word: "CATENATE (")
    }

    /// Whether the command is an APPEND whose literal, announced at the end of what there is, is the message and not the
    /// mailbox's name.
    func announcesMessage() -> Bool {
        var behind = self
        if behind.take(word: "UID REPLACE ") || behind.take(word: "REPLACE ") {
            _ = behind.run { $0 != .space }
            guard behind.take(" ") else { return false }
        } else {
            guard behind.take(word: "APPEND ") else { return false }
        }
        if isCatenated { return false }
        guard behind.next == UInt8(ascii: "{") else { return true }
        // The name is a literal; is it the one that was announced last?
        return octets[behind.position...].firstIndex(of: .lineFeed) != octets.count - 1
    }
}
