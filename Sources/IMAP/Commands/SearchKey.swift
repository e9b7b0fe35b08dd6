import MailCore

/// One condition of SEARCH (`search-key`, RFC 3501 §6.4.4).
///
/// ANSWERED, SEEN and their like are `flag`; UNANSWERED is `not(flag)`; NEW is `and([recent, not(flag(seen))])`, OLD is
/// `not(recent)`. Texts are UTF-8, never empty unless the client's was: an empty one is in every message.
public indirect enum SearchKey: Hashable, Sendable {
    case all
    case flag(FlagName)
    case recent
    /// By sequence number.
    case sequence(SequenceSet)
    case uid(SequenceSet)
    /// INTERNALDATE's day, in its own zone, is before, on, or on or after this day.
    case before(CalendarDate)
    case on(CalendarDate)
    case since(CalendarDate)
    /// The same of the Date field, its zone disregarded.
    case sentBefore(CalendarDate)
    case sentOn(CalendarDate)
    case sentSince(CalendarDate)
    /// The same of the day, in UTC, on which the message came into the mailbox (RFC 8514 §4.3).
    case savedBefore(CalendarDate)
    case savedOn(CalendarDate)
    case savedSince(CalendarDate)
    /// RFC822.SIZE is more, or less, than so many octets.
    case larger(Int64)
    case smaller(Int64)
    case bcc(String)
    case cc(String)
    case from(String)
    case to(String)
    case subject(String)
    case body(String)
    /// Header or body.
    case text(String)
    /// A field of this name holds this text; with an empty text: there is such a field.
    case header(name: String, text: String)
    /// The mod-sequence is this or higher (RFC 7162 §3.1.5).
    case modSeq(Int64)
    /// INTERNALDATE is at most, or at least, so many seconds ago (RFC 5032 §3).
    case younger(seconds: UInt32)
    case older(seconds: UInt32)
    /// RFC 8474 §6: as FETCH tells them.
    case emailID(String)
    case threadID(String)
    case not(SearchKey)
    case or(SearchKey, SearchKey)
    /// 2 and more.
    case and([SearchKey])

    public static let depthMax = 50
    public static let countMax = 1_000
    public static let textOctetsMax = 4_096
}
