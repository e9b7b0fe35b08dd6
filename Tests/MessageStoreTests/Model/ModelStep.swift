import MailCore

@testable import MessageStore

/// What one of several sessions does. Messages are named by sequence numbers of what that session has been told, as IMAP
/// does; they may be gone by then.
enum ModelStep: Sendable {
    case deliver(mailbox: Int, Flags)
    case append(mailbox: Int, Flags)
    case store(session: Int, ClosedRange<Int>, FlagOperation, Flags, isConditional: Bool)
    case expunge(session: Int, ClosedRange<Int>?, onlyDeleted: Bool)
    case transfer(session: Int, ClosedRange<Int>, to: Int, moves: Bool)
    /// Is told what is new.
    case look(session: Int)
    case claimRecent(session: Int)
    case select(session: Int, mailbox: Int)

    static let mailboxes = 2

    static func random(sessions: Int, _ random: inout SeededRandom) -> ModelStep {
        let session = random.below(sessions)
        let mailbox = random.below(mailboxes)
        let first = 1 + random.below(5)
        let numbers = first...(first + random.below(3))
        let flags = random.pick([[], .seen, .deleted, [.seen, .flagged]] as [Flags])
        switch random.below(16) {
        case 0...2: return .deliver(mailbox: mailbox, flags)
        case 3: return .append(mailbox: mailbox, flags)
        case 4...6:
            return .store(
                session: session, numbers, random.pick([.add, .remove, .replace]), flags,
                isConditional: random.below(4) == 0)
        case 7...8:
            return .expunge(session: session, random.isTrue() ? numbers : nil, onlyDeleted: random.below(3) > 0)
        case 9: return .transfer(session: session, numbers, to: mailbox, moves: false)
        case 10...11: return .transfer(session: session, numbers, to: mailbox, moves: true)
        case 12: return random.isTrue() ? .claimRecent(session: session) : .select(session: session, mailbox: mailbox)
        default: return .look(session: session)
        }
    }
}

/// A whole run: so many sessions, these steps.
struct ModelSequence: Sendable, CustomStringConvertible {
    var sessions: Int
    var steps: [ModelStep]

    init(seed: Int) {
        var random = SeededRandom(seed)
        let sessions = 2 + random.below(3)
        self.sessions = sessions
        steps = (0..<(6 + random.below(24))).map { _ in .random(sessions: sessions, &random) }
    }

    init(sessions: Int, steps: [ModelStep]) {
        self.sessions = sessions
        self.steps = steps
    }

    var description: String {
        "\(sessions) sessions:\n"
            + steps.enumerated().map { "  \($0.offset + 1). \($0.element)" }.joined(separator: "\n")
    }

    /// Leaves out what is not needed for the failure: halves first, then ever smaller pieces, then single steps.
    ///
    /// - Parameter fails: plays a sequence anew.
    func shrunk(while fails: (ModelSequence) async -> Bool) async -> ModelSequence {
        var least = self
        var piece = max(1, steps.count / 2)
        while true {
            var isSmaller = false
            var start = 0
            while start < least.steps.count {
                var shorter = least
                shorter.steps.removeSubrange(start..<min(least.steps.count, start + piece))
                if await fails(shorter) {
                    least = shorter
                    isSmaller = true
                } else {
                    start += piece
                }
            }
            if piece == 1 && !isSmaller { return least }
            piece = max(1, piece / 2)
        }
    }
}
