extension AuthenticationResults {
    static let parsedOctetsMax = 32_768
    static let parsedResultsMax = 100
    static let parsedPropertiesMax = 50

    /// Reads what follows the name of the field (RFC 8601 §2.2), or `i=` in an ARC set (RFC 8617 §4.1.1). Comments are left
    /// out, and so is what cannot be read.
    ///
    ///     authres-payload = [CFWS] authserv-id [ CFWS authres-version ] ( no-result / 1*resinfo ) [CFWS]
    ///     resinfo         = [CFWS] ";" methodspec [ CFWS reasonspec ] [ CFWS 1*propspec ]
    ///     methodspec      = method [ "/" version ] "=" result
    ///     propspec        = ptype "." property "=" pvalue
    ///
    /// - Returns: nil without an authserv-id, and for more octets than `parsedOctetsMax`.
    public init?(parsing octets: [UInt8]) {
        guard octets.count <= Self.parsedOctetsMax else { return nil }
        var lexer = ResultsLexer(octets[...])
        guard case .word(let authservID)? = lexer.next() else { return nil }
        self.init(authservID: authservID, results: [])
        while let token = lexer.next(), token != .semicolon {}
        while results.count < Self.parsedResultsMax, let statements = Self.statements(&lexer) {
            if let result = MethodResult(statements) { results.append(result) }
        }
    }

    fileprivate typealias Statement = (name: String, value: String)

    /// The `name=value` up to the next semicolon; nil at the end.
    private static func statements(_ lexer: inout ResultsLexer) -> [Statement]? {
        guard var token = lexer.next() else { return nil }
        var statements: [Statement] = []
        var name: String?
        var awaitsValue = false
        while token != .semicolon {
            switch token {
            case .equals: awaitsValue = name != nil
            case .word(let text):
                if awaitsValue, let name, statements.count <= parsedPropertiesMax { statements.append((name, text)) }
                name = awaitsValue ? nil : text
                awaitsValue = false
            case .semicolon: break
            }
            guard let next = lexer.next() else { break }
            token = next
        }
        return statements
    }
}

extension AuthenticationResults.MethodResult {
    fileprivate init?(_ statements: [AuthenticationResults.Statement]) {
        guard let first = statements.first else { return nil }
        let method = first.name.prefix { $0 != "/" }.lowercased()
        self.init(method: method, result: first.value.lowercased())
        for (name, value) in statements.dropFirst() {
            if name.lowercased() == "reason" {
                reason = value
            } else if let dot = name.firstIndex(of: ".") {
                properties.append(
                    .init(
                        type: name[..<dot].lowercased(), name: name[name.index(after: dot)...].lowercased(),
                        value: value))
            }
        }
    }
}

/// Words, "=" and ";" of an Authentication-Results field; white space and comments (RFC 5322 §3.2.2) separate words.
private struct ResultsLexer {
    enum Token: Equatable {
        case word(String)
        case equals
        case semicolon
    }

    private var rest: ArraySlice<UInt8>

    init(_ octets: ArraySlice<UInt8>) { rest = octets }

    mutating func next() -> Token? {
        while let octet = rest.popFirst() {
            switch octet {
            case 0x20, 0x09, 0x0d, 0x0a: continue
            case UInt8(ascii: "("): skipComment()
            case UInt8(ascii: ";"): return .semicolon
            case UInt8(ascii: "="): return .equals
            case UInt8(ascii: "\""): return .word(quoted())
            default: return .word(word(from: octet))
            }
        }
        return nil
    }

    private mutating func word(from first: UInt8) -> String {
        let tail = rest.prefix { !TagList.isWhiteSpace($0) && !"(;=\"".utf8.contains($0) }
        rest = rest.dropFirst(tail.count)
        return String(decoding: [first] + tail, as: UTF8.self)
    }

    private mutating func quoted() -> String {
        var octets: [UInt8] = []
        while let octet = rest.popFirst(), octet != UInt8(ascii: "\"") {
            octets.append(octet == UInt8(ascii: "\\") ? rest.popFirst() ?? octet : octet)
        }
        return String(decoding: octets, as: UTF8.self)
    }

    /// What stands behind "(", with the comments in it.
    private mutating func skipComment() {
        var depth = 1
        while depth > 0, let octet = rest.popFirst() {
            switch octet {
            case UInt8(ascii: "("): depth += 1
            case UInt8(ascii: ")"): depth -= 1
            case UInt8(ascii: "\\"): _ = rest.popFirst()
            default: break
            }
        }
    }
}
