import MailCore

@testable import MessageStore

/// What one session has been told of a mailbox, kept up by `changes` alone, as an IMAP session keeps it.
struct ModelSession {
    private(set) var mailbox: MailboxID
    /// By sequence number, from 0.
    private(set) var uids: [UInt32] = []
    private(set) var flags: [UInt32: Flags] = [:]
    private(set) var modSeq: ModSeq
    private(set) var uidNext: UID
    /// The step at which it was told last.
    var lookedAt = -1

    /// As SELECT tells it.
    init(_ row: MailboxRow, _ messages: [MessageSummary]) {
        mailbox = row.id
        modSeq = row.highestModSeq
        uidNext = row.uidNext
        uids = messages.map(\.uid.rawValue)
        for message in messages { flags[message.uid.rawValue] = message.flags }
    }

    /// The UIDs of sequence numbers, those that there are.
    func uids(_ numbers: ClosedRange<Int>?) -> [ClosedRange<UInt32>] {
        guard let numbers else { return [1...UInt32.max] }
        return numbers.filter { $0 <= uids.count }.map { uids[$0 - 1]...uids[$0 - 1] }
    }

    /// Takes in what is new. Returns what can never be right, whatever others did.
    mutating func take(_ changes: MailboxChanges) -> String? {
        defer { (modSeq, uidNext) = (max(modSeq, changes.highestModSeq), changes.uidNext) }
        if changes.highestModSeq < modSeq { return "HIGHESTMODSEQ fell from \(modSeq) to \(changes.highestModSeq)" }
        if changes.uidNext < uidNext { return "UIDNEXT fell from \(uidNext) to \(changes.uidNext)" }
        let gone = UIDRuns(changes.vanished)
        for uid in uids where gone.contains(UID(uid)) { flags[uid] = nil }
        uids.removeAll { gone.contains(UID($0)) }
        for row in changes.changed {
            if flags[row.uid.rawValue] == nil { return "UID \(row.uid.rawValue) changed, and nobody was told of it" }
            flags[row.uid.rawValue] = row.flags
        }
        for row in changes.arrived {
            if row.uid < uidNext || row.uid >= changes.uidNext || row.uid.rawValue <= uids.last ?? 0 {
                return "UID \(row.uid.rawValue) came, but is not new"
            }
            uids.append(row.uid.rawValue)
            flags[row.uid.rawValue] = row.flags
        }
        for row in changes.changed + changes.arrived where row.modSeq <= modSeq || row.modSeq > changes.highestModSeq {
            return "UID \(row.uid.rawValue) has mod-sequence \(row.modSeq), known was \(modSeq)"
        }
        return nil
    }
}
