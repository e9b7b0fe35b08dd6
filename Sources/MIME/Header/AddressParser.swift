/// Reads one address after the other.
struct AddressParser {
    enum Parsed {
        case groupStart(name: [UInt8])
        case mailbox(AddressList.Mailbox, isInGroup: Bool)
    }

    var lexer: Lexer
    private var isInGroup = false
    /// Something was passed over that is neither an address nor a comment.
    private(set) var hasRemains = false

    init(lexer: Lexer) { self.lexer = lexer }

    /// A piece of a phrase or of a local part.
    private struct Word {
        var octets: [UInt8]
        /// Blanks or a comment stood in front of it.
        var isApart: Bool
    }

    mutating func next() -> Parsed? {
        while true {
            lexer.skipCFWS()
            if lexer.isAtEnd { return nil }
            if lexer.take(",") { continue }
            if lexer.take(";") {
                isInGroup = false
                continue
            }
            let before = lexer.position
            if let parsed = item() { return parsed }
            if lexer.position == before { lexer.position += 1 }
        }
    }

    private mutating func item() -> Parsed? {
        var words: [Word] = []
        var comment: Range<Int>?
        while true {
            let before = lexer.position
            if let skipped = lexer.skipCFWS() { comment = skipped }
            let isApart = lexer.position > before
            switch lexer.next {
            case nil, UInt8(ascii: ","), UInt8(ascii: ";"):
                return lonely(words, comment)
            case UInt8(ascii: "<"):
                return angle(words, comment)
            case UInt8(ascii: "@"):
                return addressSpec(words)
            case UInt8(ascii: ":"):
                lexer.position += 1
                if isInGroup || words.isEmpty {
                    words.append(Word(octets: [UInt8(ascii: ":")], isApart: isApart))
                } else {
                    isInGroup = true
                    return .groupStart(name: Self.phrase(words))
                }
            case UInt8(ascii: "\""):
                words.append(Word(octets: lexer.quotedString(), isApart: isApart))
            default:
                var word = lexer.word(until: "\"(),:;<>@")
                // A ")" or ">" that closes nothing.
                if word.isEmpty {
                    lexer.position += 1
                    word = lexer.position..<lexer.position
                }
                if !word.isEmpty { words.append(Word(octets: lexer.view.array(word), isApart: isApart)) }
            }
        }
    }

    /// Words without "@" or "<": somebody's idea of an address.
    private func lonely(_ words: [Word], _ comment: Range<Int>?) -> Parsed? {
        guard !words.isEmpty else { return nil }
        let mailbox = AddressList.Mailbox(
            displayName: comment.map { commentText($0) }, localPart: Self.localPart(words), domain: [])
        return .mailbox(mailbox, isInGroup: isInGroup)
    }

    /// RFC 5322 §3.4.1 `addr-spec`, at whose "@" the lexer stands.
    private mutating func addressSpec(_ words: [Word]) -> Parsed? {
        lexer.position += 1
        let (domain, comment) = domain()
        let behind = skipToSeparator() ?? comment
        let localPart = Self.localPart(words)
        guard !localPart.isEmpty || !domain.isEmpty else { return nil }
        let mailbox = AddressList.Mailbox(
            displayName: behind.map { commentText($0) }, localPart: localPart, domain: domain)
        return .mailbox(mailbox, isInGroup: isInGroup)
    }

    /// RFC 5322 §3.4 `angle-addr` with the route of §4.4.
    private mutating func angle(_ words: [Word], _ comment: Range<Int>?) -> Parsed? {
        lexer.position += 1
        lexer.skipCFWS()
        let route = lexer.next == UInt8(ascii: "@") ? route() : nil
        var local: [Word] = []
        var domain: [UInt8] = []
        while true {
            let before = lexer.position
            lexer.skipCFWS()
            let isApart = lexer.position > before
            if lexer.take("@") {
                domain = self.domain().domain
                break
            }
            guard let octet = lexer.next, octet != UInt8(ascii: ">"), octet != UInt8(ascii: ",") else { break }
            if octet == UInt8(ascii: "\"") {
                local.append(Word(octets: lexer.quotedString(), isApart: isApart))
            } else {
                let word = lexer.word(until: "\"(),<>@")
                if word.isEmpty { lexer.position += 1 }
                if !word.isEmpty { local.append(Word(octets: lexer.view.array(word), isApart: isApart)) }
            }
        }
        if !lexer.take(">") { hasRemains = true }
        let behind = skipToSeparator()
        let name = words.isEmpty ? (comment ?? behind).map { commentText($0) } : Self.phrase(words)
        let localPart = Self.localPart(local)
        if localPart.isEmpty, domain.isEmpty, name == nil { return nil }
        let mailbox = AddressList.Mailbox(
            displayName: name, route: route, localPart: localPart, domain: domain)
        return .mailbox(mailbox, isInGroup: isInGroup)
    }

    /// RFC 5322 §4.4 `obs-route`; without a colon it is no route.
    private mutating func route() -> [UInt8]? {
        let start = lexer.position
        // Not further than a line may be long, or many "<@" without ":" would cost the square of their number.
        let limit = min(lexer.end, start + 998)
        let end = lexer.view.firstIndex(of: UInt8(ascii: ">"), in: start..<limit) ?? limit
        guard let colon = lexer.view.firstIndex(of: UInt8(ascii: ":"), in: start..<end) else { return nil }
        lexer.position = colon + 1
        return lexer.view[start..<colon].filter { !$0.isBlank }
    }

    /// RFC 5322 §3.4.1 `domain` and §4.4 `obs-domain`; also the last comment behind it.
    private mutating func domain() -> (domain: [UInt8], comment: Range<Int>?) {
        var domain: [UInt8] = []
        var comment: Range<Int>?
        while true {
            let before = lexer.position
            if let skipped = lexer.skipCFWS() { comment = skipped }
            let isApart = lexer.position > before
            guard let octet = lexer.next else { break }
            if octet == UInt8(ascii: "["), domain.isEmpty {
                let close = lexer.view.firstIndex(of: UInt8(ascii: "]"), in: lexer.position..<lexer.end)
                let end = close.map { $0 + 1 } ?? lexer.end
                domain = lexer.view[lexer.position..<end].filter { !$0.isBlank }
                lexer.position = end
                continue
            }
            // "a@b . c" is one domain, "a@b c" is not.
            guard domain.isEmpty || !isApart || octet == UInt8(ascii: ".") || domain.last == UInt8(ascii: ".") else {
                break
            }
            let word = lexer.word(until: "\"(),:;<>@")
            guard !word.isEmpty else { break }
            domain.append(contentsOf: lexer.view[word])
        }
        return (domain, comment)
    }

    /// Passes over what stands between an address and the next comma; tells the last comment in it.
    private mutating func skipToSeparator() -> Range<Int>? {
        var comment: Range<Int>?
        while true {
            if let skipped = lexer.skipCFWS() { comment = skipped }
            guard let octet = lexer.next, octet != UInt8(ascii: ","), octet != UInt8(ascii: ";") else { return comment }
            hasRemains = true
            if octet == UInt8(ascii: "\"") {
                _ = lexer.quotedString()
            } else if lexer.word(until: "\"(),;").isEmpty {
                lexer.position += 1
            }
        }
    }

    private func commentText(_ range: Range<Int>) -> [UInt8] {
        var result: [UInt8] = []
        var isQuoted = false
        for octet in lexer.view[range] {
            if octet == .lineFeed || octet == .carriageReturn || octet == 0 { continue }
            if octet == UInt8(ascii: "\\"), !isQuoted {
                isQuoted = true
                continue
            }
            isQuoted = false
            result.append(octet)
        }
        return result
    }

    /// RFC 5322 §3.2.5 `phrase`: words with one space where something stood between them.
    private static func phrase(_ words: [Word]) -> [UInt8] {
        var result: [UInt8] = []
        for word in words {
            if word.isApart, !result.isEmpty { result.append(.space) }
            result.append(contentsOf: word.octets)
        }
        return result
    }

    /// RFC 5322 §4.4 `obs-local-part`: blanks around dots are not of it.
    private static func localPart(_ words: [Word]) -> [UInt8] {
        let dot = UInt8(ascii: ".")
        var result: [UInt8] = []
        for word in words {
            if word.isApart, !result.isEmpty, result.last != dot, word.octets.first != dot { result.append(.space) }
            result.append(contentsOf: word.octets)
        }
        return result
    }
}
