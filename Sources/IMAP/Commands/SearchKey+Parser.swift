import MailCore

/// The bounds of one search program while it is parsed.
struct SearchBudget {
    var keysLeft = SearchKey.countMax

    mutating func spend() throws(SyntaxError) {
        guard keysLeft > 0 else { throw .limitExceeded("search-key", max: SearchKey.countMax) }
        keysLeft -= 1
    }
}

extension Parser {
    /// `search-key *(SP search-key)`: all of them must hold.
    mutating func searchKeys(
        _ charset: SearchCharset, _ budget: inout SearchBudget, depth: Int = 0
    ) throws(SyntaxError) -> SearchKey {
        var keys: [SearchKey] = []
        repeat { keys.append(try searchKey(charset, &budget, depth: depth)) } while take(" ")
        return keys.count == 1 ? keys[0] : .and(keys)
    }

    private mutating func searchKey(
        _ charset: SearchCharset, _ budget: inout SearchBudget, depth: Int
    ) throws(SyntaxError) -> SearchKey {
        guard depth <= SearchKey.depthMax else { throw .limitExceeded("nested search-key", max: SearchKey.depthMax) }
        try budget.spend()
        if take("(") {
            let keys = try searchKeys(charset, &budget, depth: depth + 1)
            try require(")")
            return keys
        }
        if next?.isDigit == true || next == UInt8(ascii: "*") || next == UInt8(ascii: "$") {
            let set = try sequenceSet()
            guard set.isSaved || !features.contains(.uidOnly) else { throw .numbersUnknown }
            return .sequence(set)
        }
        let start = position
        let word = try keyword("search-key")
        switch word {
        case "NOT":
            try space()
            return .not(try searchKey(charset, &budget, depth: depth + 1))
        case "OR":
            try space()
            let first = try searchKey(charset, &budget, depth: depth + 1)
            try space()
            return .or(first, try searchKey(charset, &budget, depth: depth + 1))
        default:
            if let key = Self.plainSearchKeys[word] { return key }
            if let key = try valuedSearchKey(word) { return key }
            if let key = try textSearchKey(word, charset) { return key }
            throw .expected("search-key", at: start)
        }
    }

    private static let plainSearchKeys: [String: SearchKey] = [
        "ALL": .all,
        "ANSWERED": .flag(.fixed(.answered)), "UNANSWERED": .not(.flag(.fixed(.answered))),
        "DELETED": .flag(.fixed(.deleted)), "UNDELETED": .not(.flag(.fixed(.deleted))),
        "DRAFT": .flag(.fixed(.draft)), "UNDRAFT": .not(.flag(.fixed(.draft))),
        "FLAGGED": .flag(.fixed(.flagged)), "UNFLAGGED": .not(.flag(.fixed(.flagged))),
        "SEEN": .flag(.fixed(.seen)), "UNSEEN": .not(.flag(.fixed(.seen))),
        // RFC 8514 §4.3: every mailbox here keeps the date.
        "SAVEDATESUPPORTED": .all,
        "RECENT": .recent, "OLD": .not(.recent),
        "NEW": .and([.recent, .not(.flag(.fixed(.seen)))]),
    ]

    /// The keys whose value is no text.
    private mutating func valuedSearchKey(_ word: String) throws(SyntaxError) -> SearchKey? {
        switch word {
        case "BEFORE": .before(try spaceAndDate())
        case "ON": .on(try spaceAndDate())
        case "SINCE": .since(try spaceAndDate())
        case "SENTBEFORE": .sentBefore(try spaceAndDate())
        case "SENTON": .sentOn(try spaceAndDate())
        case "SENTSINCE": .sentSince(try spaceAndDate())
        case "SAVEDBEFORE": .savedBefore(try spaceAndDate())
        case "SAVEDON": .savedOn(try spaceAndDate())
        case "SAVEDSINCE": .savedSince(try spaceAndDate())
        case "LARGER": .larger(try spaceAndNumber())
        case "SMALLER": .smaller(try spaceAndNumber())
        case "UID": .uid(try spaceAndSet())
        case "KEYWORD": .flag(try spaceAndKeyword())
        case "UNKEYWORD": .not(.flag(try spaceAndKeyword()))
        case "EMAILID": .emailID(try spaceAndObjectID())
        case "THREADID": .threadID(try spaceAndObjectID())
        case "MODSEQ": .modSeq(try spaceAndModSeq())
        case "YOUNGER": .younger(seconds: try spaceAndInterval())
        case "OLDER": .older(seconds: try spaceAndInterval())
        default: nil
        }
    }

    private mutating func textSearchKey(
        _ word: String, _ charset: SearchCharset
    ) throws(SyntaxError) -> SearchKey? {
        switch word {
        case "BCC": return .bcc(try spaceAndText(charset))
        case "CC": return .cc(try spaceAndText(charset))
        case "FROM": return .from(try spaceAndText(charset))
        case "TO": return .to(try spaceAndText(charset))
        case "SUBJECT": return .subject(try spaceAndText(charset))
        case "BODY": return .body(try spaceAndText(charset))
        case "TEXT": return .text(try spaceAndText(charset))
        case "HEADER":
            try space()
            let name = try text("header-fld-name", octetsMax: SectionSpec.fieldNameOctetsMax)
            return .header(name: name, text: try spaceAndText(charset))
        default: return nil
        }
    }

    private mutating func spaceAndDate() throws(SyntaxError) -> CalendarDate {
        try space()
        return try date()
    }

    private mutating func spaceAndNumber() throws(SyntaxError) -> Int64 {
        try space()
        return try number64()
    }

    /// `[SP entry-name SP entry-type-req] SP mod-sequence-valzer`
    ///
    /// A message has one mod-sequence here, so that the entry says nothing (RFC 7162 §3.1.5).
    private mutating func spaceAndModSeq() throws(SyntaxError) -> Int64 {
        try space()
        if next == .doubleQuote {
            _ = try text("entry-name", octetsMax: 256)
            try space()
            guard take(word: "all") || take(word: "priv") || take(word: "shared") else {
                throw expected("entry-type-req")
            }
            try space()
        }
        return try number64()
    }

    /// `objectid = 1*255(ALPHA / DIGIT / "_" / "-")` (RFC 8474 §7)
    private mutating func spaceAndObjectID() throws(SyntaxError) -> String {
        try space()
        return try atom("objectid")
    }

    private mutating func spaceAndInterval() throws(SyntaxError) -> UInt32 {
        try space()
        return try nonZeroNumber("interval")
    }

    private mutating func spaceAndSet() throws(SyntaxError) -> SequenceSet {
        try space()
        return try sequenceSet()
    }

    /// `flag-keyword = atom`; `$Junk` and its like are fixed flags.
    private mutating func spaceAndKeyword() throws(SyntaxError) -> FlagName {
        try space()
        let name = try atom("flag-keyword", octetsMax: FlagList.keywordOctetsMax)
        return Flags.fixed(named: name).map { .fixed($0) } ?? .keyword(name)
    }

    private mutating func spaceAndText(_ charset: SearchCharset) throws(SyntaxError) -> String {
        try space()
        let start = position
        let octets = try astring()
        guard octets.count <= SearchKey.textOctetsMax else {
            throw .limitExceeded("octets of a search text", max: SearchKey.textOctetsMax)
        }
        guard let text = charset.text(octets) else { throw .expected("text in \(charset.name)", at: start) }
        return text
    }
}
