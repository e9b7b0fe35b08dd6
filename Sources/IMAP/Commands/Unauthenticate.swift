extension CommandSyntax {
    /// RFC 8437 §3.
    static let unauthenticate = CommandSyntax("UNAUTHENTICATE", in: .authenticated, .request(.unauthenticate))
}
