extension CommandSyntax {
    /// `enable = "ENABLE" 1*(SP capability)` (RFC 5161 §4); what cannot be enabled is passed over (§3.1).
    static let enable = CommandSyntax("ENABLE", in: .authenticated) { p throws(SyntaxError) in
        var features: Features = []
        var count = 0
        repeat {
            guard count < 32 else { throw SyntaxError.limitExceeded("capability", max: 32) }
            count += 1
            try p.space()
            if let feature = Features.named(try p.keyword("capability")) { features.insert(feature) }
        } while p.next == .space
        return .request(.enable(features))
    }
}
