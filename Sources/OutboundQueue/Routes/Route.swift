/// Where mail for elsewhere goes.
public enum Route: Sendable, Equatable {
    /// Into a folder as `.eml` files, its envelope beside each: nothing leaves the machine.
    case captured(folder: String)
    /// All of it to one host, by name or address.
    case relayed(host: String, port: Int)
    /// To the mail exchangers of each domain (RFC 5321 §5.1).
    case exchangers
}
