import IMAP
import MailCore
import MessageStore
import NIOCore

/// The mailbox a session has selected, as its client knows it.
///
/// Of the messages only runs of UIDs are kept; all else is read from the store when it is asked for.
struct Selected: Sendable {
    let mailbox: MailboxID
    let isReadOnly: Bool
    let notice: ChangeNotice
    let subscription: ChangeHub.Subscription
    /// The messages the client knows of, those included that are gone and of which it was not told (`vanished`).
    var view: UIDRuns
    /// Arrivals below this are in the view.
    var uidNext: UID
    /// Changes up to here are told, or in `vanished`.
    var modSeq: ModSeq
    /// Gone, and not told yet (RFC 3501 §7.4.1).
    var vanished: [ClosedRange<UInt32>] = []
    /// `\Recent` for this session.
    var recent = UIDRuns()
    /// Some of them were told in IDLE and not taken from other sessions yet.
    var owesRecent = false
    var flags: FlagWords
    /// Commits of this session of which the client knows all.
    var ownModSeqs: Set<Int64> = []

    var recentCount: UInt32 { UInt32(clamping: recent.count) }
    var exists: UInt32 { UInt32(clamping: view.count) }

    /// Tells EXPUNGE for what vanished, ascending; each number counts what is left (RFC 3501 §7.4.1).
    mutating func tellVanished(into output: inout ByteBuffer) {
        guard !vanished.isEmpty else { return }
        let gone = view.intersection(vanished)
        vanished = []
        guard !gone.isEmpty else { return }
        var told = 0
        for range in gone.ranges {
            let number = UInt32(clamping: view.countBelow(UID(range.lowerBound)) - told + 1)
            for _ in range { output.writeExpunge(number) }
            told += range.count
        }
        let ranges = gone.ranges
        view.remove(ranges)
        recent.remove(ranges)
    }

    /// Takes in what the store says happened since `modSeq`, and tells of it.
    mutating func take(
        _ changes: MailboxChanges, recent newest: Recent, expunges: Bool, into output: inout ByteBuffer
    ) {
        modSeq = changes.highestModSeq
        uidNext = changes.uidNext
        vanished += changes.vanished
        if expunges { tellVanished(into: &output) }
        for summary in changes.arrived { view.append(summary.uid) }
        if !changes.arrived.isEmpty {
            if let first = newest.first(in: view), let last = view.last, first <= last {
                for range in view.intersection(first.rawValue...last.rawValue).ranges { recent.append(range) }
            }
            output.writeExists(exists)
            output.writeRecent(recentCount)
        }
        let gone = UIDRuns(vanished)
        for summary in changes.changed where !ownModSeqs.contains(summary.modSeq.rawValue) {
            guard let number = view.rank(of: summary.uid), !gone.contains(summary.uid) else { continue }
            flags.text.writeFetch(
                UInt32(clamping: number), uid: nil, summary.flags, isRecent: recent.contains(summary.uid), into: &output
            )
        }
        ownModSeqs = []
    }

    /// What this session did, and told as far as it wants to be told.
    mutating func did(_ modSeqs: Set<Int64>) { ownModSeqs.formUnion(modSeqs) }
}

/// Which of the messages are `\Recent` for a session.
enum Recent: Sendable {
    case from(UID)
    /// The newest so many.
    case last(Int)

    func first(in view: UIDRuns) -> UID? {
        switch self {
        case .from(let uid): uid
        case .last(let count): count > 0 ? view.select(max(1, view.count - count + 1)) : nil
        }
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
