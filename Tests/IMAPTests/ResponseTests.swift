import MailCore
import NIOCore
import Testing

@testable import IMAP

@Suite struct ResponseTests {
    static func written(_ write: (inout ByteBuffer) -> Void) -> String {
        var output = ByteBuffer()
        write(&output)
        return String(buffer: output)
    }

    @Test("numbers in decimal digits, the largest too")
    func numbers() {
        let text = Self.written {
            $0.writeDecimal(0)
            $0.writeString(" ")
            $0.writeDecimal(UInt32.max)
            $0.writeString(" ")
            $0.writeDecimal(UInt64.max)
            $0.writeString(" ")
            $0.writeDecimal(-5)
        }
        #expect(text == "0 4294967295 18446744073709551615 0")
    }

    @Test("RFC 3501 §7.4.2: FETCH, item behind item")
    func fetch() {
        var flagText = FlagText(keywords: [16: "work", 20: "Später", 3: "passed over"])
        let item = FetchItem.section(
            .init(path: [1, 2], text: .headerFields(["From", "X y"])), partial: .init(offset: 10, count: 5), peek: true)
        let text = Self.written {
            var response = FetchResponse(12, into: &$0)
            response.uid(UID(7), into: &$0)
            response.flags([.seen, .junk, .init(rawValue: 1 << 16)], isRecent: true, &flagText, into: &$0)
            response.internalDate(InternalDate(secondsSince1970: 0), into: &$0)
            response.rfc822Size(44_827, into: &$0)
            response.envelope(ByteBuffer(string: "(NIL)"), into: &$0)
            response.literal(item, octets: 3, into: &$0)
            $0.writeString("abc")
            response.none(.section(.init(path: [9]), partial: nil, peek: false), into: &$0)
            response.literal(.rfc822Header, octets: 0, into: &$0)
            response.end(into: &$0)
        }
        #expect(
            text
                == "* 12 FETCH (UID 7 FLAGS (\\Recent \\Seen $Junk work) INTERNALDATE \" 1-Jan-1970 00:00:00 +0000\""
                + " RFC822.SIZE 44827 ENVELOPE (NIL) BODY[1.2.HEADER.FIELDS (From \"X y\")]<10> {3}\r\nabc"
                + " BODY[9] NIL RFC822.HEADER {0}\r\n)\r\n")
    }

    @Test("flags are written each time as the first time, whatever came between")
    func flagCache() {
        var text = FlagText()
        for round in 0..<2 {
            for raw in [Int64(0), 1, 2, 3, 1 << 10, 1 << 40, 0] {
                let names = Flags.fixedNames.enumerated().filter { raw & (1 << Int64($0.offset)) != 0 }.map(\.element)
                let written = Self.written { text.write(Flags(rawValue: raw), into: &$0) }
                #expect(written == "(\(names.joined(separator: " ")))", "round \(round)")
            }
        }
        #expect(text.flags(named: "\\sEEN") == .seen)
        #expect(text.flags(named: "work") == nil)
    }

    @Test("a FETCH of flags in one piece is the same as item behind item; 10,000 of them, with and without UID")
    func flagsInOnePiece() {
        var random = SplitMix(seed: 5)
        var (first, second) = (FlagText(keywords: [16: String(repeating: "k", count: 100)]), FlagText(keywords: [:]))
        second = first
        var (pieces, whole) = (ByteBuffer(), ByteBuffer())
        for _ in 0..<10_000 {
            let number = UInt32(truncatingIfNeeded: random.next() >> (random.next() % 64))
            let uid = random.next() % 2 == 0 ? nil : UID(UInt32(truncatingIfNeeded: random.next()))
            let (flags, isRecent) = (Flags(rawValue: Int64(random.next() % 0x2_0000)), random.next() % 2 == 0)
            var response = FetchResponse(number, into: &pieces)
            if let uid { response.uid(uid, into: &pieces) }
            response.flags(flags, isRecent: isRecent, &first, into: &pieces)
            response.end(into: &pieces)
            second.writeFetch(number, uid: uid, flags, isRecent: isRecent, into: &whole)
        }
        #expect(pieces == whole)
    }

    @Test("RFC 3501 §7.2.2, RFC 6154: LIST and LSUB")
    func list() throws {
        let name = try #require(MailboxName("Sent Items"))
        #expect(
            Self.written { $0.writeList(name, [.hasNoChildren, .noSelect], specialUse: [.sent]) }
                == "* LIST (\\Noselect \\HasNoChildren \\Sent) \"/\" \"Sent Items\"\r\n")
        #expect(Self.written { $0.writeList(.inbox, []) } == "* LIST () \"/\" INBOX\r\n")
        #expect(Self.written { $0.writeLsub(.inbox) } == "* LSUB () \"/\" INBOX\r\n")
        #expect(Self.written { $0.writeDelimiter() } == "* LIST (\\Noselect) \"/\" \"\"\r\n")
        #expect(
            Self.written { $0.writeStatus(.inbox, [.init(.messages, 231), .init(.uidNext, 44_292)]) }
                == "* STATUS INBOX (MESSAGES 231 UIDNEXT 44292)\r\n")
    }

    @Test("RFC 3501 §7.2.5 to §7.4.1: counts, flags, SEARCH in pieces")
    func counts() {
        #expect(Self.written { $0.writeExists(23) } == "* 23 EXISTS\r\n")
        #expect(Self.written { $0.writeRecent(0) } == "* 0 RECENT\r\n")
        #expect(Self.written { $0.writeExpunge(44) } == "* 44 EXPUNGE\r\n")
        let search = Self.written {
            let response = SearchResponse(into: &$0)
            response.write([2, 84], into: &$0)
            response.write([882], into: &$0)
            response.end(into: &$0)
        }
        #expect(search == "* SEARCH 2 84 882\r\n")
        #expect(
            Self.written { $0.writePermanentFlags(FlagText(), []) }
                == "* OK [PERMANENTFLAGS ()] Nothing can be changed\r\n")
        #expect(Self.written { $0.writeFlags(FlagText(keywords: [16: "w"])) }.hasSuffix("$Important w)\r\n"))
    }

    @Test(
        "RFC 3501 §7.1: \"\\*\" is said only while keywords can be made",
        arguments: [(16...61, true), (16...62, false)])
    func permanentFlags(_ bits: ClosedRange<Int>, _ canMakeMore: Bool) {
        let keywords = Dictionary(uniqueKeysWithValues: bits.map { ($0, "k\($0)") })
        let line = Self.written { $0.writePermanentFlags(FlagText(keywords: keywords)) }
        #expect(line.contains(canMakeMore ? " k61 \\*)]" : " k61 k62)]"))
    }

    @Test("RFC 3501 §7.1: status responses; no text ends its line early")
    func status() {
        #expect(
            Self.written { $0.writeUntagged(.ok, .unseen(12), "Message 12\r\nA1 OK") }
                == "* OK [UNSEEN 12] Message 12  A1 OK\r\n")
        #expect(Self.written { $0.writeBye(.unavailable, "x") } == "* BYE [UNAVAILABLE] x\r\n")
        #expect(
            Self.written { Completion.no(.overQuota, "Full").write(tag: "a", command: "COPY", into: &$0) }
                == "a NO [OVERQUOTA] Full\r\n")
        #expect(
            Self.written { Completion.ok(.uidNext(4)).write(tag: "a", command: "X", into: &$0) }
                == "a OK [UIDNEXT 4] X completed\r\n")
    }

    @Test("RFC 3501 §9: a string is quoted, or a literal where it cannot be")
    func strings() {
        #expect(Self.written { $0.writeNString(nil) } == "NIL")
        #expect(Self.written { $0.writeNString("a\\\"") } == "\"a\\\\\\\"\"")
        #expect(Self.written { $0.writeNString("é") } == "{2}\r\né")
        #expect(Self.written { $0.writeNString("") } == "\"\"")
        #expect(
            Self.written { $0.writeID([.init("name", "Postino"), .init("x", nil)]) }
                == "* ID (\"name\" \"Postino\" \"x\" NIL)\r\n")
    }
}
