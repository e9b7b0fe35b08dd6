public import MailCore

/// A mailbox as it was in one snapshot; what STATUS and SELECT say is in this row alone.
public struct MailboxRow: Equatable, Sendable {
    public var id: MailboxID
    public var account: AccountID
    /// UTF-8, `/` between levels, `INBOX` in upper case.
    public var name: String
    public var uidValidity: UIDValidity
    public var uidNext: UID
    public var highestModSeq: ModSeq
    public var messages: Int
    public var unseen: Int
    public var deleted: Int
    /// From this one on no session has been told of messages as `\Recent`; `uidNext` when of all.
    public var recentFrom: UID
    /// RFC822.SIZE of all messages together.
    public var octets: Int64
    public var specialUse: SpecialUse
    /// False for a name that only holds other names (RFC 3501 §6.3.4).
    public var isSelectable: Bool
}
