import SASL

/// What a command asks of the session.
enum Command: Sendable {
    case capability
    case noop
    case logout
    case startTLS
    case authenticate(mechanism: String, initialResponse: [UInt8]?)
    case login(Credentials)
    case idle
    /// The language of texts (RFC 5255 §3); lower case.
    case language([String])
    case compress(String)
    /// What nobody may do here, said politely.
    case refused(Completion)
    /// The server performs it.
    case request(ServerSession.Request)
}

/// The states of RFC 3501 §3 in which a command may be given.
struct StateSet: OptionSet, Sendable {
    var rawValue: UInt8

    static let notAuthenticated = StateSet(rawValue: 1)
    static let onlyAuthenticated = StateSet(rawValue: 2)
    static let selected = StateSet(rawValue: 4)
    /// "Authenticated" commands are valid in the selected state too (RFC 3501 §6.3).
    static let authenticated: StateSet = [.onlyAuthenticated, .selected]
    static let any: StateSet = [.notAuthenticated, .authenticated]
}

/// One command: its name, where it is allowed, and how what is behind its name is read.
///
/// A new command is a file in this folder and a word in `all`.
struct CommandSyntax: Sendable {
    let name: String
    let states: StateSet
    /// Messages are named by sequence numbers.
    var usesNumbers: Bool { Self.numbered.contains(name) }
    let arguments: @Sendable (inout Parser) throws(SyntaxError) -> Command

    init(
        _ name: String, in states: StateSet,
        arguments: @escaping @Sendable (inout Parser) throws(SyntaxError) -> Command
    ) {
        self.name = name
        self.states = states
        self.arguments = arguments
    }

    /// A command without arguments.
    init(_ name: String, in states: StateSet, _ command: Command) {
        self.init(name, in: states) { _ throws(SyntaxError) in command }
    }

    static let all: [CommandSyntax] = [
        .capability, .noop, .logout, .startTLS, .authenticate, .login, .id, .namespace, .enable, .idle,
        .select, .examine, .create, .delete, .rename, .subscribe, .unsubscribe, .list, .lsub, .status, .append,
        .check, .close, .unselect, .expunge, .uidExpunge, .search, .uidSearch, .fetch, .uidFetch, .store, .uidStore,
        .copy, .uidCopy, .move, .uidMove, .sort, .uidSort, .thread, .uidThread, .replace, .uidReplace, .getQuota,
        .getQuotaRoot, .unauthenticate, .language, .esearch, .setQuota, .getMetadata, .setMetadata, .compress, .notify,
        .cancelUpdate, .setACL, .deleteACL, .getACL, .listRights, .myRights,
    ]

    private static let numbered: Set<String> = [
        "FETCH", "STORE", "SEARCH", "COPY", "MOVE", "SORT", "THREAD", "REPLACE",
    ]

    static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
}

extension Parser {
    /// `tag = 1*<any ASTRING-CHAR except "+">`, at most 64 octets, and the space behind it.
    mutating func tag() throws(SyntaxError) -> String {
        let octets = run { $0.isTagChar }
        guard !octets.isEmpty else { throw expected("tag") }
        guard octets.count <= 64 else { throw .limitExceeded("octets of a tag", max: 64) }
        commandTag = String(decoding: octets, as: UTF8.self)
        try space()
        return commandTag
    }

    /// The name of a command, upper-cased: one atom, or "UID" and the next.
    mutating func commandName() throws(SyntaxError) -> String {
        let name = try keyword("command")
        guard name == "UID" else { return name }
        try space()
        return "UID " + (try keyword("command"))
    }
}
