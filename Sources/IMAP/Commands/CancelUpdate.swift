extension CommandSyntax {
    /// `cancelupdate = "CANCELUPDATE" 1*(SP quoted)` (RFC 5267 §5): the tags of the searches.
    static let cancelUpdate = CommandSyntax("CANCELUPDATE", in: .selected) { p throws(SyntaxError) in
        var tags: [String] = []
        repeat {
            guard tags.count < 32 else { throw SyntaxError.limitExceeded("quoted", max: 32) }
            try p.space()
            tags.append(try p.text("quoted", octetsMax: 64))
        } while p.next == .space
        return .request(.cancelUpdates(tags))
    }
}
