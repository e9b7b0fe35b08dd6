import MailCore

@testable import MessageStore

/// A mailbox as a list, to compare the store with. Time is the number of the step.
struct ModelMailbox {
    struct Message {
        var uid: UInt32
        var flags: Flags
        var name: String
        var addedAt: Int
        var changedAt = -1

        /// RFC822.SIZE of what the run delivers.
        var octets: Int { name.utf8.count + 13 }

        static func text(_ name: String) -> String { "Subject: \(name)\r\n\r\n" }
    }

    let id: MailboxID
    private(set) var messages: [Message] = []
    private(set) var uidNext: UInt32 = 1
    private(set) var expunged: [(uid: UInt32, at: Int)] = []
    var recentFrom: UInt32 = 1
    /// As the store said last.
    var highestModSeq: ModSeq

    init(_ row: MailboxRow) {
        id = row.id
        highestModSeq = row.highestModSeq
    }

    mutating func add(_ name: String, _ flags: Flags, at time: Int) {
        messages.append(Message(uid: uidNext, flags: flags, name: name, addedAt: time))
        uidNext += 1
    }

    /// Returns what really went.
    mutating func remove(at time: Int, where isMeant: (Message) -> Bool) -> [Message] {
        let gone = messages.filter(isMeant)
        messages.removeAll(where: isMeant)
        expunged += gone.map { ($0.uid, time) }
        return gone
    }

    /// Returns the messages that were named, as they are then, and whether each was refused and changed.
    mutating func store(
        _ uids: Set<UInt32>, _ operation: FlagOperation, _ flags: Flags, unchangedSince: Int?, at time: Int
    ) -> [(uid: UInt32, flags: Flags, isRefused: Bool, isChanged: Bool)] {
        var outcome: [(uid: UInt32, flags: Flags, isRefused: Bool, isChanged: Bool)] = []
        for index in messages.indices where uids.contains(messages[index].uid) {
            let message = messages[index]
            let isRefused = unchangedSince.map { max(message.addedAt, message.changedAt) > $0 } ?? false
            var new = message.flags
            switch operation {
            case .add: new.formUnion(flags)
            case .remove: new.subtract(flags)
            case .replace: new = flags
            }
            let isChanged = !isRefused && new != message.flags
            if isChanged {
                messages[index].flags = new
                messages[index].changedAt = time
            }
            outcome.append((message.uid, messages[index].flags, isRefused, isChanged))
        }
        return outcome
    }

    /// What STATUS would say, beside mod-sequences.
    func differs(from row: MailboxRow) -> String? {
        let counts = [
            ("UIDNEXT", Int(row.uidNext.rawValue), Int(uidNext)), ("MESSAGES", row.messages, messages.count),
            ("UNSEEN", row.unseen, messages.count { !$0.flags.contains(.seen) }),
            ("DELETED", row.deleted, messages.count { $0.flags.contains(.deleted) }),
            ("the first \\Recent", Int(row.recentFrom.rawValue), Int(recentFrom)),
            ("octets", Int(row.octets), messages.reduce(0) { $0 + $1.octets }),
        ]
        return counts.first { $0.1 != $0.2 }.map { "\($0.0) is \($0.1), not \($0.2)" }
    }
}
