extension CommandSyntax {
    /// `compress = "COMPRESS" SP algorithm` (RFC 4978 §3, §6)
    static let compress = CommandSyntax("COMPRESS", in: .authenticated) { p throws(SyntaxError) in
        try p.space()
        return .compress(try p.keyword("algorithm"))
    }
}
