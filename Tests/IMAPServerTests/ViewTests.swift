import IMAP
import MailCore
import MessageStore
import Testing

@testable import IMAPServer

@Suite struct ViewTests {
    static let view = UIDRuns([1...3, 10...12, 100...100])

    @Test(
        "RFC 3501 §9: sequence numbers beyond the view are a mistake, but never beside \"*\"",
        arguments: [
            (SequenceSet(1...2), [1...2]), (SequenceSet(3...4), [3...3, 10...10]), (SequenceSet(7...9), [100...100]),
            (SequenceSet(8...9), nil),
            (SequenceSet(parts: [.init(first: .largest, last: .number(8))]), [100...100]),
            (SequenceSet(parts: [.init(first: .number(5), last: .largest)]), [11...12, 100...100]),
        ] as [(SequenceSet, [ClosedRange<UInt32>]?)])
    func numbers(_ set: SequenceSet, _ expected: [ClosedRange<UInt32>]?) {
        #expect((try? Self.view.members(of: set, byUID: false))?.ranges == expected)
    }

    @Test(
        "RFC 3501 §6.4.8: UIDs that are not there are passed over; \"*\" is the largest",
        arguments: [
            (SequenceSet(2...10), [2...3, 10...10]), (SequenceSet(50...60), []),
            (SequenceSet(parts: [.init(first: .number(500), last: .largest)]), [100...100]),
            (SequenceSet(1...UInt32.max), [1...3, 10...12, 100...100]),
        ] as [(SequenceSet, [ClosedRange<UInt32>])])
    func uids(_ set: SequenceSet, _ expected: [ClosedRange<UInt32>]) throws {
        #expect(try Self.view.members(of: set, byUID: true).ranges == expected)
    }

    @Test("an empty mailbox has no members, and \"1:*\" is no mistake there")
    func empty() throws {
        let all = SequenceSet(parts: [.init(first: .number(1), last: .largest)])
        #expect(try UIDRuns().members(of: all, byUID: false).isEmpty)
        #expect(try UIDRuns().members(of: all, byUID: true).isEmpty)
        #expect((try? UIDRuns().members(of: SequenceSet(1...1), byUID: false)) == nil)
    }

    @Test("spans hold all that is wanted and join over short gaps only")
    func spans() {
        let view = UIDRuns([1...1_000])
        let wanted = UIDRuns([5...6, 10...10, 500...501])
        #expect(view.spans(of: wanted, gapMax: 3) == [5...10, 500...501])
        #expect(view.spans(of: wanted, gapMax: 2) == [5...6, 10...10, 500...501])
        #expect(Self.view.spans(of: Self.view, gapMax: 0) == [1...100])
    }

    @Test(
        "RFC 3501 §6.4.4: texts are compared without regard to case",
        arguments: [
            ("abc", "xxABCxx", true), ("ABC", "xxabxcx", false), ("straße", "STRAßE", true), ("ΟΔΌΣ", "οδός", true),
            ("ключ", "КЛЮЧИ", true), ("", "anything", true), ("long", "lon", false), ("aab", "aaaab", true),
        ])
    func folds(_ needle: String, _ hay: String, _ expected: Bool) {
        #expect(Needle(needle).isIn(hay) == expected)
    }
}
