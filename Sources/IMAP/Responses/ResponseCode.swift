public import MailCore
public import NIOCore

/// What a program reads in a status response (`resp-text-code`, RFC 3501 §7.1, RFC 4315, RFC 5530, RFC 7162, RFC 8474).
public enum ResponseCode: Hashable, Sendable {
    case alert
    case badCharset([String])
    case capability(String)
    case parse
    /// Names as `FlagText` has them; `\*` says that keywords can be made.
    case permanentFlags([String])
    case readOnly
    case readWrite
    case tryCreate
    case uidNext(UInt32)
    case uidValidity(UIDValidity)
    /// A message sequence number.
    case unseen(UInt32)
    // RFC 4315 §3
    case appendUID(UIDValidity, UID)
    /// RFC 3502 §6.3.11, in the order of the messages.
    case appendUIDs(UIDValidity, [UID])
    /// Both in the order in which the messages were copied.
    case copyUID(UIDValidity, source: [UID], destination: [UID])
    case uidNotSticky
    /// RFC 5267 §4.3.1: the tag of the search.
    case noUpdate(String)
    // RFC 5465 §7
    case notificationOverflow
    case badEvent([String])
    // RFC 4978 §3
    case compressionActive
    // RFC 5464 §4.2.1, §4.3
    case metadataLongEntries(Int)
    case metadataMaxSize(Int)
    case metadataTooMany
    case metadataNoPrivate
    // RFC 5530 §3
    case unavailable
    case authenticationFailed
    case authorizationFailed
    case expired
    case privacyRequired
    case contactAdmin
    case noPermission
    case inUse
    case expungeIssued
    case corruption
    case serverBug
    case clientBug
    case cannot
    case limit
    case overQuota
    case alreadyExists
    case nonExistent
    // RFC 4469 §4.2, §4.3
    case badURL(String)
    case tooBig
    // RFC 7162 §3.1.2, §3.2.11
    case highestModSeq(ModSeq)
    case noModSeq
    case closed
    /// Sequence numbers, or UIDs for a UID command.
    case modified([ClosedRange<UInt32>])
    // RFC 5182 §2.1
    case notSaved
    // RFC 9586 §3.1
    case uidRequired
    // RFC 3516 §4.3
    case unknownCTE
    // RFC 9585 §3
    case inProgress
    // RFC 9051 §7.1
    case hasChildren
    // RFC 6154 §3
    case useAttribute
    /// RFC 8474 §4.1
    case mailboxID(String)

    /// Writes it without its brackets.
    public func write(into output: inout ByteBuffer) {
        switch self {
        case .badCharset(let names):
            output.writeStaticString("BADCHARSET (")
            output.writeString(names.joined(separator: " "))
            output.writeStaticString(")")
        case .capability(let words):
            output.writeStaticString("CAPABILITY ")
            output.writeString(words)
        case .permanentFlags(let names):
            output.writeStaticString("PERMANENTFLAGS (")
            output.writeString(names.joined(separator: " "))
            output.writeStaticString(")")
        case .uidNext(let uid): output.writeWord("UIDNEXT ", UInt64(uid))
        case .uidValidity(let validity): output.writeWord("UIDVALIDITY ", UInt64(validity.rawValue))
        case .unseen(let number): output.writeWord("UNSEEN ", UInt64(number))
        case .appendUID(let validity, let uid):
            output.writeWord("APPENDUID ", UInt64(validity.rawValue))
            output.writeWord(" ", UInt64(uid.rawValue))
        case .appendUIDs(let validity, let uids):
            output.writeWord("APPENDUID ", UInt64(validity.rawValue))
            output.writeStaticString(" ")
            output.writeUIDSet(uids)
        case .copyUID(let validity, let source, let destination):
            output.writeWord("COPYUID ", UInt64(validity.rawValue))
            output.writeStaticString(" ")
            output.writeUIDSet(source)
            output.writeStaticString(" ")
            output.writeUIDSet(destination)
        case .highestModSeq(let modSeq): output.writeWord("HIGHESTMODSEQ ", UInt64(max(0, modSeq.rawValue)))
        case .modified(let numbers):
            output.writeStaticString("MODIFIED ")
            output.writeSet(numbers)
        case .badURL(let url):
            output.writeStaticString("BADURL ")
            output.writeString(octets: url.utf8.filter { $0 >= 0x20 && $0 < 0x7f })
        case .mailboxID(let id):
            output.writeStaticString("MAILBOXID (")
            output.writeString(id)
            output.writeStaticString(")")
        case .noUpdate(let tag):
            output.writeStaticString("NOUPDATE ")
            output.writeString(octets: tag.utf8)
        case .badEvent(let names): output.writeString("BADEVENT (\(names.joined(separator: " ")))")
        case .metadataLongEntries(let octets): output.writeWord("METADATA LONGENTRIES ", UInt64(clamping: octets))
        case .metadataMaxSize(let octets): output.writeWord("METADATA MAXSIZE ", UInt64(clamping: octets))
        default: output.writeStaticString(word)
        }
    }

    /// The codes that are one word.
    private var word: StaticString {
        switch self {
        case .alert: "ALERT"
        case .parse: "PARSE"
        case .readOnly: "READ-ONLY"
        case .readWrite: "READ-WRITE"
        case .tryCreate: "TRYCREATE"
        case .uidNotSticky: "UIDNOTSTICKY"
        case .unavailable: "UNAVAILABLE"
        case .authenticationFailed: "AUTHENTICATIONFAILED"
        case .authorizationFailed: "AUTHORIZATIONFAILED"
        case .expired: "EXPIRED"
        case .privacyRequired: "PRIVACYREQUIRED"
        case .contactAdmin: "CONTACTADMIN"
        case .noPermission: "NOPERM"
        case .inUse: "INUSE"
        case .expungeIssued: "EXPUNGEISSUED"
        case .corruption: "CORRUPTION"
        case .serverBug: "SERVERBUG"
        case .clientBug: "CLIENTBUG"
        case .cannot: "CANNOT"
        case .limit: "LIMIT"
        case .overQuota: "OVERQUOTA"
        case .alreadyExists: "ALREADYEXISTS"
        case .nonExistent: "NONEXISTENT"
        case .tooBig: "TOOBIG"
        case .badURL: "BADURL"
        case .noModSeq: "NOMODSEQ"
        case .closed: "CLOSED"
        case .modified: "MODIFIED"
        case .notSaved: "NOTSAVED"
        case .uidRequired: "UIDREQUIRED"
        case .unknownCTE: "UNKNOWN-CTE"
        case .inProgress: "INPROGRESS"
        case .hasChildren: "HASCHILDREN"
        case .useAttribute: "USEATTR"
        case .badCharset: "BADCHARSET"
        case .capability: "CAPABILITY"
        case .permanentFlags: "PERMANENTFLAGS"
        case .uidNext: "UIDNEXT"
        case .uidValidity: "UIDVALIDITY"
        case .unseen: "UNSEEN"
        case .appendUID, .appendUIDs: "APPENDUID"
        case .copyUID: "COPYUID"
        case .highestModSeq: "HIGHESTMODSEQ"
        case .mailboxID: "MAILBOXID"
        case .compressionActive: "COMPRESSIONACTIVE"
        case .metadataLongEntries, .metadataMaxSize: "METADATA"
        case .badEvent: "BADEVENT"
        case .noUpdate: "NOUPDATE"
        case .notificationOverflow: "NOTIFICATIONOVERFLOW"
        case .metadataTooMany: "METADATA TOOMANY"
        case .metadataNoPrivate: "METADATA NOPRIVATE"
        }
    }
}
