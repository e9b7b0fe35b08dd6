import IMAP

/// A command that ends without having been done, in the client's words.
struct Refusal: Error {
    var completion: Completion

    init(_ completion: Completion) { self.completion = completion }

    /// RFC 5530 §3: the client should ask for what changed (RFC 2180 §4).
    static let expunged = Refusal(.no(.expungeIssued, "These messages were expunged"))
    static let notSelected = Refusal(.bad("No mailbox is selected"))
}

/// A literal was begun and its octets cannot be had: only the end of the connection tells the client.
struct BrokenLiteral: Error {
    var diagnostic: String
}
