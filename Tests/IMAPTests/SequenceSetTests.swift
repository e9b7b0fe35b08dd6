import MailCore
import NIOCore
import Testing

@testable import IMAP

@Suite struct SequenceSetTests {
    struct Case: Sendable {
        var input: String
        var expected: Result<[ClosedRange<UInt32>], SyntaxError>

        init(_ input: String, _ expected: Result<[ClosedRange<UInt32>], SyntaxError>) {
            self.input = input
            self.expected = expected
        }
    }

    static let cases = [
        Case("4:2,7", .success([2...4, 7...7])),
        Case("12:*", .success([9...12])),  // The last message is always in "n:*".
        Case("*:3", .success([3...9])),
        Case("*", .success([9...9])),
        Case("5,1:3,4", .success([1...5])),
        Case("1:4,2:3", .success([1...4])),
        Case("4294967295", .success([.max ... .max])),
        Case("4294967295,1", .success([1...1, .max ... .max])),
        Case("4294967296", .failure(.expected("seq-number", at: 0))),
        Case("0", .failure(.expected("seq-number", at: 0))),
        Case("01", .failure(.expected("seq-number", at: 0))),
        Case("1:", .failure(.expected("seq-number", at: 2))),
        Case("1,,2", .failure(.expected("seq-number", at: 2))),
        Case("", .failure(.expected("seq-number", at: 0))),
        Case("1,1,1", .success([1...1])),
        Case("1,1,1,1", .failure(.limitExceeded("sequence-set", max: 3))),
        Case("99999999999999999999999999", .failure(.expected("number below 9223372036854775808", at: 26))),
    ]

    @Test("RFC 3501 §9: sequence-set, in a mailbox whose largest number is 9", arguments: cases)
    func parses(_ c: Case) {
        var parser = Parser(ByteBuffer(string: c.input))
        let parsed = Result { () throws(SyntaxError) in try parser.sequenceSet(partsMax: 3).ranges(largest: 9) }
        #expect(parsed == c.expected)
    }

    @Test("the bound: 10,000 parts, and one past it")
    func bound() throws {
        let parts = Array(repeating: "1", count: SequenceSet.partsMax)
        var parser = Parser(ByteBuffer(string: parts.joined(separator: ",")))
        #expect(try parser.sequenceSet().parts.count == 10_000)
        var past = Parser(ByteBuffer(string: (parts + ["1"]).joined(separator: ",")))
        #expect(throws: SyntaxError.limitExceeded("sequence-set", max: 10_000)) { try past.sequenceSet() }
    }

    @Test("in an empty mailbox \"*\" names nothing")
    func empty() {
        let all = SequenceSet(parts: [
            .init(first: .number(1), last: .largest), .init(first: .number(3), last: .number(3)),
        ])
        #expect(all.ranges(largest: 0) == [3...3])
        #expect(!all.isWithin(0))
        #expect(all.isWithin(3))
        #expect(!all.isWithin(2))
    }

    @Test("RFC 4315 §4: a uid-set keeps its order, ascending runs are ranges")
    func writesUIDSets() {
        var output = ByteBuffer()
        output.writeUIDSet([5, 6, 7, 3, 9, 10, 4_294_967_294, .max, 1].map { .init($0) })
        #expect(String(buffer: output) == "5:7,3,9:10,4294967294:4294967295,1")
    }
}
