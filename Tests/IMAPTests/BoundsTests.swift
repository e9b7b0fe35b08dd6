import MailCore
import NIOCore
import Testing

@testable import IMAP

/// What a stranger can push against, at the bound and one past it, and what no stranger may do at all.
@Suite struct BoundsTests {
    static func session(_ state: ServerSession.State = .authenticated) -> ServerSession {
        var session = ServerSession(ServerConfiguration(), hasTLS: true)
        session.state = state
        return session
    }

    @Test("a command's lines: 65,536 octets with CR LF, and one past it", arguments: [0, 1])
    func line(_ more: Int) {
        var session = Self.session()
        var input = ByteBuffer(string: "a SELECT \"" + String(repeating: "x", count: 65_536 - 13 + more) + "\"\r\n")
        var output = ByteBuffer()
        let step = session.advance(&input, into: &output)
        #expect((step == .close) == (more == 1))
        #expect(String(buffer: output).hasPrefix(more == 1 ? "* BYE " : "a NO [CANNOT]"))
    }

    @Test("a line without end is not waited for: at the bound yes, one past it no")
    func endlessLine() {
        var session = Self.session(.notAuthenticated)
        var output = ByteBuffer()
        var input = ByteBuffer(string: "a " + String(repeating: "x", count: 16_382))
        #expect(session.advance(&input, into: &output) == .needsInput(withinSeconds: 180))
        input.writeString("x")
        #expect(session.advance(&input, into: &output) == .close)
    }

    @Test("literals of one command together: 262,144 octets, and one past it", arguments: [0, 1])
    func literals(_ more: Int) {
        var session = Self.session()
        var output = ByteBuffer()
        let text = String(repeating: "x", count: 131_072)
        var input = ByteBuffer(string: "a RENAME {131072+}\r\n\(text) {\(131_072 + more)}\r\n")
        #expect(session.advance(&input, into: &output) == .needsInput(withinSeconds: 1_800))
        #expect(String(buffer: output).hasPrefix(more == 0 ? "+ " : "a BAD [TOOBIG]"))
    }

    @Test(
        "RFC 3501 §9: numbers that no literal has",
        arguments: ["4294967296", "99999999999999999999999", "00000000001", "4294967295"])
    func hugeLiterals(_ number: String) {
        var session = Self.session()
        var output = ByteBuffer()
        var input = ByteBuffer(string: "a SELECT {\(number)}\r\nb SELECT {\(number)+}\r\n")
        #expect(session.advance(&input, into: &output) == .close)
        #expect(String(buffer: output).hasPrefix("a BAD [TOOBIG]"))
        #expect(String(buffer: output).contains("* BYE [TOOBIG]"))
    }

    @Test(
        "before login a refused literal is dropped up to 16,384 octets; one past it ends the connection",
        arguments: [0, 1])
    func strangersLiteral(_ more: Int) {
        var session = Self.session(.notAuthenticated)
        var output = ByteBuffer()
        var input = ByteBuffer(string: "a APPEND INBOX {\(16_384 + more)+}\r\n")
        #expect((session.advance(&input, into: &output) == .close) == (more == 1))
    }

    @Test("1,000 pipelined commands are asked one at a time, in order")
    func pipelined() {
        var session = Self.session(.selected(readOnly: false))
        var output = ByteBuffer()
        var input = ByteBuffer()
        for number in 1...1_000 { input.writeString("t\(number) FETCH \(number) FLAGS\r\n") }
        for number in 1...1_000 {
            let wanted = Fetch(SequenceSet(UInt32(number)...UInt32(number)), [.flags])
            #expect(session.advance(&input, into: &output) == .perform(.fetch(wanted)))
            session.resume(with: .done(.ok), into: &output)
        }
        #expect(session.advance(&input, into: &output) == .needsInput(withinSeconds: 1_800))
        #expect(String(buffer: output).hasSuffix("t999 OK FETCH completed\r\nt1000 OK FETCH completed\r\n"))
    }

    @Test("a message that comes octet by octet is not copied each time")
    func slowMessage() {
        var session = Self.session()
        var output = ByteBuffer()
        var input = ByteBuffer(string: "a APPEND INBOX {100000+}\r\n")
        for _ in 0..<100_000 {
            guard case .needsInput = session.advance(&input, into: &output) else { return #expect(Bool(false)) }
            input.writeString("x")
        }
        input.writeString("\r\n")
        let body = ByteBuffer(repeating: UInt8(ascii: "x"), count: 100_000)
        #expect(session.advance(&input, into: &output) == .perform(.append(Append(to: .inbox, body: .memory(body)))))
    }

    static let seeds: [String] = [
        "a LOGIN {5+}\r\nSMITH \"x\\\"y\"\r\n", "a AUTHENTICATE PLAIN AHRpbQB0YW5z\r\n",
        "a AUTHENTICATE LOGIN\r\nYQ==\r\nYQ==\r\n",
        "a APPEND {5+}\r\nINBOX (\\Seen work) \"17-Jul-1996 02:44:25 -0700\" {12+}\r\nSubject: x\r\n\r\n",
        "a APPEND INBOX {5}\r\nabcde\r\n", "a APPEND INBOX {40+}\r\n0123456789012345678901234567890123456789\r\n",
        "a UID FETCH 1:*,4:2 (FLAGS BODY.PEEK[1.2.HEADER.FIELDS (From To)]<0.10> RFC822.SIZE)\r\n",
        "a SEARCH CHARSET UTF-8 OR (FROM a NOT BEFORE 1-Feb-1994) HEADER x \"y\" UID 5:*\r\n",
        "a STORE 1:2 +FLAGS.SILENT (\\Deleted $Junk)\r\n",
        "a LIST (SPECIAL-USE) \"\" (\"a/%\" *) RETURN (STATUS (UNSEEN))\r\n",
        "a IDLE\r\nDONE\r\n", "a RENAME &U,BTFw- \"a b\"\r\n", "a ID (\"name\" \"x\" \"y\" NIL)\r\n", "a LOGOUT\r\n",
        "a STATUS INBOX (MESSAGES UIDNEXT)\r\n", "a MOVE 1 Trash\r\n", "a ENABLE X Y\r\n", "a SELECT INBOX\r\n",
        "a CLOSE\r\n", "a ENABLE QRESYNC CONDSTORE UTF8=ACCEPT IMAP4rev2\r\n", "a ENABLE UIDONLY\r\n",
        "a SELECT INBOX (QRESYNC (67890007 20 1:29 (5,7,9 15,22,27)) CONDSTORE)\r\n",
        "a UID FETCH 1:* (FLAGS BINARY.PEEK[1.2]<0.10> BINARY.SIZE[1]) (CHANGEDSINCE 5 VANISHED PARTIAL -1:-30)\r\n",
        "a UID STORE 1 (UNCHANGEDSINCE 3) -FLAGS ()\r\n", "a SEARCH RETURN (MIN PARTIAL 1:5 SAVE) $ MODSEQ 4\r\n",
        "a UID SORT RETURN (ALL COUNT) (REVERSE DATE SUBJECT) UTF-8 YOUNGER 5\r\n",
        "a THREAD REFERENCES US-ASCII OR EMAILID M1 THREADID T2\r\n", "a CREATE x (USE (\\Archive))\r\n",
        "a APPEND INBOX {3+}\r\nabc (\\Seen) ~{2+}\r\nde\r\n", "a UID REPLACE 5 Drafts {3+}\r\nabc\r\n",
        "a APPEND INBOX UTF8 (~{3+}\r\nabc)\r\n", "a GETQUOTAROOT INBOX\r\na GETQUOTA \"\"\r\n",
        "a GETMETADATA (MAXSIZE 5 DEPTH 1) \"\" (/private/a /shared/b)\r\n", "a SETQUOTA \"\" (STORAGE 5)\r\n",
        "a SETMETADATA INBOX (/private/x ~{3+}\r\na\u{0}b /shared/y NIL)\r\n", "a COMPRESS DEFLATE\r\n",
        "a AUTHENTICATE SCRAM-SHA-256 biwsbj11c2VyLHI9YWJj\r\nYz1iaXdzLHI9YWJjLHA9\r\n\r\n",
        "a LIST \"\" * RETURN (METADATA (DEPTH 1) /private/a)\r\n",
        "a NOTIFY SET STATUS (SUBTREE (a b) (MessageNew MessageExpunge MailboxName)) (SELECTED NONE)\r\n",
        "a NOTIFY SET (SELECTED-DELAYED (MessageNew (UID FLAGS) MessageExpunge FlagChange))\r\na NOTIFY NONE\r\n",
        "a UID SEARCH RETURN (UPDATE (UID) CONTEXT COUNT) ALL\r\na CANCELUPDATE \"a\" \"b\"\r\n",
        "a LANGUAGE de en-GB\r\n", "a UNAUTHENTICATE\r\n",
    ]

    @Test("no octets make a session trap, stall or speak out of form (3,000 mutated dialogues, one seed)")
    func mutations() {
        var random = SplitMix(seed: 2_026)
        for _ in 0..<3_000 {
            var octets: [UInt8] = []
            for _ in 0...Int(random.next() % 4) {
                octets += Array(Self.seeds[Int(random.next() % UInt64(Self.seeds.count))].utf8)
            }
            for _ in 0..<Int(random.next() % 6) { Self.mutate(&octets, &random) }
            Self.run(octets, &random)
        }
    }

    static func mutate(_ octets: inout [UInt8], _ random: inout SplitMix) {
        guard !octets.isEmpty else { return }
        let at = Int(random.next() % UInt64(octets.count))
        let interesting = Array("{}()\"\\ +*%&-~<>[].,:0129\r\n\0\u{7f}".utf8) + [0xff]
        switch random.next() % 4 {
        case 0: octets[at] = interesting[Int(random.next() % UInt64(interesting.count))]
        case 1: octets.remove(at: at)
        case 2: octets.insert(interesting[Int(random.next() % UInt64(interesting.count))], at: at)
        default: octets[at] = UInt8(truncatingIfNeeded: random.next())
        }
    }

    static func run(_ octets: [UInt8], _ random: inout SplitMix) {
        var configuration = ServerConfiguration()
        configuration.memoryOctetsMax = 20
        configuration.spoolOctetsMax = 8
        var session = ServerSession(configuration, hasTLS: true)
        session.state = [.notAuthenticated, .authenticated, .selected(readOnly: false)][Int(random.next() % 3)]
        var (input, output) = (ByteBuffer(), ByteBuffer())
        var rest = octets[...]
        var steps = 0
        while steps < 10_000 {
            steps += 1
            switch session.advance(&input, into: &output) {
            case .close, .startTLS, .compress: steps = 20_000
            case .perform(let request): session.resume(with: answer(request, &random), into: &output)
            case .needsInput:
                if random.next() % 50 == 0 {
                    session.handle(random.next() % 2 == 0 ? .woken : .timedOut, into: &output)
                }
                if rest.isEmpty, case .needsInput = session.advance(&input, into: &output) { steps = 20_000 }
                let count = 1 + Int(random.next() % 20)
                input.writeBytes(rest.prefix(count))
                rest = rest.dropFirst(count)
            }
        }
        #expect(steps >= 20_000, "the session goes on for ever")
        let text = Array(output.readableBytesView)
        #expect(text.isEmpty || text.suffix(2) == [13, 10])
        #expect(!text.contains(0))
        for (index, octet) in text.enumerated() where octet == 10 { #expect(index > 0 && text[index - 1] == 13) }
    }

    static func answer(_ request: ServerSession.Request, _ random: inout SplitMix) -> ServerSession.Answer {
        if random.next() % 8 == 0 { return .done(.no("Not now")) }
        switch request {
        case .authenticate, .admit: return .authenticated
        case .findKeys: return .keys(exampleOffer)
        case .select, .examine: return .selected(readOnly: random.next() % 2 == 0)
        case .close, .unselect: return .closed
        case .enable, .unauthenticate: return .continued
        case .spool, .stage, .discardSpool, .idleStarted, .idleUpdates, .idleEnded, .logout: return .continued
        default: return .done(.ok)
        }
    }
}
