extension CommandSyntax {
    /// `enable = "ENABLE" 1*(SP capability)` (RFC 5161 §4); names in upper case.
    static let enable = CommandSyntax("ENABLE", in: .authenticated) { p throws(SyntaxError) in
        var names: [String] = []
        repeat {
            guard names.count < 32 else { throw SyntaxError.limitExceeded("capability", max: 32) }
            try p.space()
            names.append(try p.keyword("capability"))
        } while p.next == .space
        return .request(.enable(names))
    }
}
