/// What an account's INBOX held at the time of login (RFC 1939 §4), as POP3 sees it for the rest of the session.
///
/// A message is known by its index, 0 for message 1. Four octets each: 100,000 messages take 400 KB. Their unique-ids
/// are asked for when a client wants them.
public struct Maildrop: Equatable, Sendable {
    /// Octets of each message as sent, with CR LF for each line's end (RFC 1939 §11); 2^32 - 1 for all above that.
    public var sizes: [UInt32]

    public init(sizes: [UInt32]) { self.sizes = sizes }
}
