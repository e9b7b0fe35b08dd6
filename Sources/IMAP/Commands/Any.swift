/// The commands of any state (RFC 3501 §6.1), and those that tell about both ends.
extension CommandSyntax {
    static let capability = CommandSyntax("CAPABILITY", in: .any, .capability)
    static let noop = CommandSyntax("NOOP", in: .any, .noop)
    static let logout = CommandSyntax("LOGOUT", in: .any, .logout)
    /// RFC 2342.
    static let namespace = CommandSyntax("NAMESPACE", in: .authenticated, .request(.namespace))
    /// RFC 2177.
    static let idle = CommandSyntax("IDLE", in: .authenticated, .idle)
}
