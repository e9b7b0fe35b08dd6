import IMAP
import MailCore
import MessageStore
import NIOCore

/// The mailbox a session has selected, as its client knows it.
///
/// Of the messages only runs of UIDs are kept; all else is read from the store when it is asked for.
struct Selected: Sendable {
    let mailbox: MailboxID
    /// As the client calls it.
    let name: MailboxName
    /// Whose it is.
    let owner: AccountID
    let isReadOnly: Bool
    /// What this session may do with it: everything, unless another shares it.
    var rights: MailboxRights
    /// It may be read no more, and stays so until it is selected again: what is known of it is not what is there.
    var isLost = false
    let objectIDs: ObjectID
    let notice: ChangeNotice
    let subscription: ChangeHub.Subscription
    /// The messages the client knows of, those included that are gone and of which it was not told (`vanished`).
    var view: UIDRuns
    /// Arrivals below this are in the view.
    var uidNext: UID
    /// Changes up to here are told, or in `vanished`.
    var modSeq: ModSeq
    /// Up to here the client was told everything, also what vanished: what it may come back with (RFC 7162 §6).
    var settled: ModSeq
    /// "$": what the last SEARCH that says so saved (RFC 5182 §2.1).
    var saved = UIDRuns()
    /// Searches whose results are kept up to date.
    var contexts: [SearchContext] = []
    /// Gone, and not told yet (RFC 3501 §7.4.1).
    var vanished: [ClosedRange<UInt32>] = []
    /// `\Recent` for this session.
    var recent = UIDRuns()
    /// Some of them were told in IDLE and not taken from other sessions yet.
    var owesRecent = false
    var flags: FlagWords
    /// Commits of this session of which the client knows all.
    var ownModSeqs: Set<Int64> = []

    /// Rights about flags; none when read-only.
    var flagRights: MailboxRights { isReadOnly ? [] : rights.intersection(.flagging) }

    var recentCount: UInt32 { UInt32(clamping: recent.count) }
    var exists: UInt32 { UInt32(clamping: view.count) }

    /// The messages that a client means by a set, which may be "$".
    func members(of set: SequenceSet, byUID: Bool) throws(Refusal) -> UIDRuns {
        set.isSaved ? view.intersection(saved.ranges) : try view.members(of: set, byUID: byUID)
    }

    /// Tells EXPUNGE for what vanished, ascending; each number counts what is left (RFC 3501 §7.4.1). With QRESYNC
    /// VANISHED says it in one line.
    mutating func tellVanished(_ features: Features, into output: inout ByteBuffer) {
        defer {
            settled = modSeq
            notice.told(upTo: modSeq)
        }
        guard !vanished.isEmpty else { return }
        let gone = view.intersection(vanished)
        vanished = []
        guard !gone.isEmpty else { return }
        for index in contexts.indices { contexts[index].remove(gone, view, into: &output) }
        if features.tellsVanished { output.writeVanished(gone.ranges) } else { tellExpunges(gone, into: &output) }
        let ranges = gone.ranges
        view.remove(ranges)
        recent.remove(ranges)
        saved.remove(ranges)
    }

    private func tellExpunges(_ gone: UIDRuns, into output: inout ByteBuffer) {
        var told = 0
        for range in gone.ranges {
            let number = UInt32(clamping: view.countBelow(UID(range.lowerBound)) - told + 1)
            for _ in range { output.writeExpunge(number) }
            told += range.count
        }
    }

    /// Takes in what the store says happened since `modSeq`, and tells of it.
    mutating func take(
        _ changes: MailboxChanges, recentFrom first: UID, expunges: Bool, _ features: Features,
        tellsFlags: Bool = true, into output: inout ByteBuffer
    ) {
        modSeq = changes.highestModSeq
        uidNext = changes.uidNext
        vanished += changes.vanished
        if expunges { tellVanished(features, into: &output) }
        settle()
        for summary in changes.arrived { view.append(summary.uid) }
        if !changes.arrived.isEmpty {
            if let last = view.last, first <= last {
                for range in view.intersection(first.rawValue...last.rawValue).ranges { recent.append(range) }
            }
            output.writeExists(exists)
            // RFC 9051 §7: gone from revision 2.
            if !features.contains(.rev2) { output.writeRecent(recentCount) }
        }
        let gone = UIDRuns(vanished)
        for summary in changes.changed where tellsFlags && !ownModSeqs.contains(summary.modSeq.rawValue) {
            guard let number = view.rank(of: summary.uid), !gone.contains(summary.uid) else { continue }
            flags.text.write(
                summary.flags, of: summary.uid, number: UInt32(clamping: number), summary.modSeq,
                isRecent: recent.contains(summary.uid), features, into: &output)
        }
        ownModSeqs = []
    }

    /// Whether the message was changed by another session since this one was told of it: a silent change of its own must
    /// not hide that.
    func isUnaware(of change: FlagChange) -> Bool {
        change.isChanged && change.previousModSeq > modSeq && !ownModSeqs.contains(change.previousModSeq.rawValue)
    }

    /// Nothing is owed: what is known now is what the client knows.
    mutating func settle() { if vanished.isEmpty { settled = modSeq } }

    /// What this session did, and told as far as it wants to be told.
    mutating func did(_ modSeqs: Set<Int64>) { ownModSeqs.formUnion(modSeqs) }
}

extension FlagText {
    /// FETCH with flags that nobody asked for, in the words of this client: with UID and MODSEQ for whoever wants
    /// mod-sequences (RFC 7162 §3.2.4), UIDFETCH without numbers, and no `\Recent` in revision 2.
    mutating func write(
        _ flags: Flags, of uid: UID, number: UInt32, _ modSeq: ModSeq, isRecent: Bool, withUID: Bool = false,
        _ features: Features, into output: inout ByteBuffer
    ) {
        let isAware = features.contains(.condstore)
        let isUIDOnly = features.contains(.uidOnly)
        writeFetch(
            isUIDOnly ? uid.rawValue : number, uid: isAware || withUID ? uid : nil, modSeq: isAware ? modSeq : nil,
            flags, isRecent: isRecent && !features.contains(.rev2), isUIDOnly: isUIDOnly, into: &output)
    }
}

/// The names of an account's flags, as the client was told them.
struct FlagWords: Sendable {
    let keywords: Keywords
    var text: FlagText
    private let known: Int64

    init(_ keywords: Keywords) {
        self.keywords = keywords
        text = FlagText(keywords: keywords.names)
        known = keywords.names.keys.reduce(0) { $0 | 1 << Int64($1) }
    }

    /// Whether there is a keyword among them that was made since.
    func lacks(_ flags: Flags) -> Bool { flags.rawValue & Self.keywordBits & ~known != 0 }

    private static let keywordBits: Int64 = Flags.keywordBits.reduce(0) { $0 | 1 << Int64($1) }
}
