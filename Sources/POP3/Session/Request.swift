public import NIOCore
public import SASL

extension ServerSession {
    /// What the server is asked to do. Each is answered by one `Answer`.
    public enum Request: Equatable, Sendable {
        /// Verify these, take the maildrop's exclusive lock, list it. `maildrop` or `failed`.
        case authenticate(Credentials)
        /// The SCRAM keys of this login name; such as fit no password when there are none. `keys` or `failed`.
        case findKeys(login: String)
        /// As `authenticate`. Without a proof it is `failed` for its credentials.
        case admit(SCRAMClaim)
        /// Write the message to the connection through a `LineStuffer`. `done`, `failed` when nothing was written,
        /// `brokenOff` when something was.
        ///
        /// Without `isUTF8` its header is shown in US-ASCII (RFC 6856 §2, RFC 6858).
        case retrieve(Int, isUTF8: Bool = false)
        /// The same with the header and so many lines of the body (RFC 1939 §7).
        case top(Int, lines: Int, isUTF8: Bool = false)
        /// The unique-ids of these messages, at most 2,048. `uniqueIDs` or `failed`.
        case uniqueIDs(Range<Int>)
        /// Write these octets to the connection; `done` when the client has taken enough of them. So a listing of
        /// 100,000 messages, or 1,000 listings asked for in one packet, never pile up in memory.
        case send(ByteBuffer)
        /// The UPDATE state (RFC 1939 §6): remove these, in ascending order, and free the lock, also when there are
        /// none. `done`, or `failed` when not all are gone.
        case commit([Int])
        /// Free the lock; nothing is removed. `done`.
        case logout
    }

    public enum Answer: Equatable, Sendable {
        case done
        case maildrop(Maildrop)
        case keys(SCRAMOffer)
        /// As many as were asked for.
        case uniqueIDs(UniqueIDs)
        case failed(Failure)
        /// A message was sent in part and cannot be sent further: the connection is closed, since whatever came next
        /// would be read as the message.
        case brokenOff
    }

    /// Why a request could not be met.
    public enum Failure: Error, Equatable, Sendable {
        /// No such account, or another password (RFC 3206 §4).
        case credentials
        /// Another session holds the maildrop (RFC 2449 §8.1.2).
        case inUse
        /// The last login was too short a time ago (RFC 2449 §8.1.1).
        case loginDelay
        /// An administrator switched POP3 off for this account.
        case switchedOff
        /// Will pass by itself (RFC 3206 §3).
        case temporary
        /// Needs somebody's hand (RFC 3206 §3).
        case permanent
        /// The message was expunged by another session.
        case gone
    }
}
