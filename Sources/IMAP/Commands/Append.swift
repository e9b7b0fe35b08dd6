public import NIOCore

/// One message to be appended (RFC 3501 §6.3.11).
public struct Append: Equatable, Sendable {
    public enum Body: Equatable, Sendable {
        /// At most `ServerConfiguration.memoryOctetsMax`.
        case memory(ByteBuffer)
        /// What the `spool` requests since the last command brought, so many octets together.
        case spooled(octets: Int)

        /// In octets.
        public var count: Int {
            switch self {
            case .memory(let buffer): buffer.readableBytes
            case .spooled(let octets): octets
            }
        }
    }

    public var mailbox: MailboxName
    public var flags: FlagList
    /// Nil: now.
    public var internalDate: InternalDate?
    /// At least one octet.
    public var body: Body
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
    /// A whole line that says APPEND holds no message: its literal is taken out of the framer's hands as it begins.
    static let append = CommandSyntax("APPEND", in: .authenticated) { p throws(SyntaxError) in
        _ = try p.appendHead()
        throw p.expected("literal")
    }
}

extension Parser {
    /// `append = "APPEND" SP mailbox 1*append-message` (RFC 3502 §6.3.11), up to the first literal.
    ///
    /// Called behind the command's name. The body is empty until the literal has come.
    mutating func appendHead() throws(SyntaxError) -> Append {
        try space()
        var append = Append(to: try mailbox(), body: .memory(ByteBuffer()))
        try appendMessageHead(into: &append)
        return append
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
    }

    /// Whether the command is an APPEND whose literal, announced at the end of what there is, is the message and not the
    /// mailbox's name.
    func announcesMessage() -> Bool {
        var behind = self
        guard behind.take(word: "APPEND ") else { return false }
        guard behind.next == UInt8(ascii: "{") else { return true }
        // The name is a literal; is it the one that was announced last?
        return octets[behind.position...].firstIndex(of: .lineFeed) != octets.count - 1
    }
}
