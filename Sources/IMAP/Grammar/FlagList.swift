public import MailCore

/// Flags as a client names them (RFC 3501 §2.3.2): the fixed ones as bits, keywords by name until the store has given
/// them a bit.
public struct FlagList: Hashable, Sendable {
    /// The flags of `Flags.fixedNames`, compared without regard to case.
    public var fixed: Flags
    /// Other keywords, as written, none twice (compared without regard to case); at most 64 of at most 100 octets.
    public var keywords: [String]

    public static let keywordsMax = 64
    public static let keywordOctetsMax = 100

    public init(fixed: Flags = [], keywords: [String] = []) {
        self.fixed = fixed
        self.keywords = keywords
    }

    public var isEmpty: Bool { fixed.isEmpty && keywords.isEmpty }

    mutating func insert(_ flag: FlagName) throws(SyntaxError) {
        switch flag {
        case .fixed(let flag): fixed.insert(flag)
        case .keyword(let keyword):
            let wanted = keyword.lowercased()
            if keywords.contains(where: { $0.lowercased() == wanted }) { return }
            guard keywords.count < Self.keywordsMax else { throw .limitExceeded("keywords", max: Self.keywordsMax) }
            keywords.append(keyword)
        }
    }
}

/// One flag as a client names it.
public enum FlagName: Hashable, Sendable {
    case fixed(Flags)
    case keyword(String)
}

extension Parser {
    /// `flag-list = "(" [flag *(SP flag)] ")"`
    mutating func flagList() throws(SyntaxError) -> FlagList {
        var flags = FlagList()
        // The count of words is bounded beside the count of keywords: the same flag may be said often.
        for flag in try list(of: "flag-list", max: 256, emptyAllowed: true, { p throws(SyntaxError) in try p.flag() }) {
            try flags.insert(flag)
        }
        return flags
    }

    /// `flag *(SP flag)`, as STORE takes it without parentheses.
    mutating func bareFlags() throws(SyntaxError) -> FlagList {
        var flags = FlagList()
        var count = 0
        repeat {
            guard count < 256 else { throw .limitExceeded("flag-list", max: 256) }
            try flags.insert(try flag())
            count += 1
        } while take(" ")
        return flags
    }

    /// `flag = "\Answered" / "\Flagged" / "\Deleted" / "\Seen" / "\Draft" / flag-keyword`
    ///
    /// `\Recent` cannot be set by a client (RFC 3501 §2.3.2), and an unknown `flag-extension` cannot be kept.
    mutating func flag() throws(SyntaxError) -> FlagName {
        let start = position
        let isSystem = take("\\")
        let name = (isSystem ? "\\" : "") + (try atom("flag", octetsMax: FlagList.keywordOctetsMax))
        if let fixed = Flags.fixed(named: name) { return .fixed(fixed) }
        guard !isSystem else { throw .expected("flag that a client can set", at: start) }
        return .keyword(name)
    }
}
