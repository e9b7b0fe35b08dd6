import MailCore
import NIOCore
import POP3
import SASL
import Testing

@Suite struct ServerSessionTests {
    typealias Request = ServerSession.Request

    static func session() -> ServerSession {
        ServerSession(configuration: Configuration(hostName: "mx.example.test"), isTLSActive: true)
    }

    static func loggedIn(_ sizes: [UInt32]) -> ServerSession {
        var session = session()
        var input = ByteBuffer(string: "USER a\r\nPASS b\r\n")
        var output = ByteBuffer()
        _ = session.advance(&input, into: &output)
        session.resume(with: .maildrop(Maildrop(sizes: sizes)), into: &output)
        return session
    }

    /// Gives one line to a fresh session and says what became of it.
    static func outcome(_ line: String, endsLine: Bool = true) -> (step: Step<Request>, reply: String) {
        var session = session()
        var input = ByteBuffer(string: endsLine ? line + "\r\n" : line)
        var output = ByteBuffer()
        let step = session.advance(&input, into: &output)
        return (step, String(buffer: output))
    }

    @Test("A command line of 1,000 octets with its end is read; one octet more ends the session")
    func commandLineBound() {
        let longest = "USER " + String(repeating: "u", count: 993)
        #expect(Self.outcome(longest).step == .needsInput(withinSeconds: 600))
        #expect(Self.outcome(longest).reply == "+OK Password, please\r\n")
        #expect(Self.outcome(longest + "u").step == .close)
        #expect(Self.outcome(longest + "u").reply == "-ERR Line too long\r\n")
        // It is not waited for either.
        #expect(Self.outcome(longest + "u", endsLine: false).step == .needsInput(withinSeconds: 600))
        #expect(Self.outcome(longest + "uu", endsLine: false).step == .close)
    }

    @Test("RFC 5034 §4: an AUTH line of 12,288 octets is read; one octet more ends the session")
    func authenticationLineBound() {
        let longest = "auth PLAIN " + String(repeating: "A", count: 12_275)
        #expect(Self.outcome(longest).reply == "-ERR Malformed authentication\r\n")
        #expect(Self.outcome(longest + "A").step == .close)
        #expect(Self.outcome(longest + "A").reply == "-ERR Line too long\r\n")
    }

    @Test("RFC 5034 §4: a line inside an exchange of 12,288 octets is read; one octet more ends the session")
    func exchangeLineBound() {
        for (octets, reply) in [(12_286, "-ERR Malformed authentication\r\n"), (12_287, "-ERR Line too long\r\n")] {
            var session = Self.session()
            var input = ByteBuffer(string: "AUTH PLAIN\r\n\(String(repeating: "A", count: octets))\r\n")
            var output = ByteBuffer()
            _ = session.advance(&input, into: &output)
            #expect(String(buffer: output) == "+ \r\n" + reply)
        }
    }

    @Test("A name of 255 octets is asked about, one of 256 refused as if it were unknown")
    func nameBound() {
        for (octets, isAsked) in [(255, true), (256, false)] {
            let outcome = Self.outcome("USER \(String(repeating: "u", count: octets))\r\nPASS p")
            #expect(outcome.reply.hasSuffix(isAsked ? "please\r\n" : "-ERR [AUTH] Authentication failed\r\n"))
        }
    }

    /// Plays on until the session wants input, answering for a server with `count` messages.
    static func drive(
        _ session: inout ServerSession, _ text: String, each: (Request, Int) -> Void = { _, _ in }
    ) -> (text: String, requests: [Request]) {
        var input = ByteBuffer(string: text)
        var all = ByteBuffer()
        var requests: [Request] = []
        var output = ByteBuffer()
        while true {
            let step = session.advance(&input, into: &output)
            all.writeBuffer(&output)
            guard case .perform(let request) = step else { return (String(buffer: all), requests) }
            each(request, output.readableBytes)
            output = ByteBuffer()
            switch request {
            case .send(var piece):
                all.writeBuffer(&piece)
                session.resume(with: .done, into: &output)
            case .uniqueIDs(let range):
                var identifiers = UniqueIDs()
                for index in range { identifiers.append(1_700_000_000, UInt32(index + 1)) }
                session.resume(with: .uniqueIDs(identifiers), into: &output)
                requests.append(request)
            default:
                session.resume(with: .done, into: &output)
                requests.append(request)
            }
        }
    }

    @Test("LIST and UIDL of 100,000 messages go out in pieces of a bounded size, whole and in order")
    func largeListings() {
        let count = 100_000
        var session = Self.loggedIn([UInt32](repeating: 4_321, count: count))
        _ = Self.drive(&session, "DELE 2\r\nDELE 64\r\nDELE 65\r\nDELE 100000\r\n")
        var largest = 0
        let listing = Self.drive(&session, "LIST\r\nUIDL\r\nSTAT\r\n") { request, octets in
            largest = max(largest, octets)
            if case .send(let piece) = request { largest = max(largest, piece.readableBytes) }
            if case .uniqueIDs(let range) = request { #expect(range.count <= 2_048) }
        }
        #expect(largest <= 128 * 1_024)
        let lines = listing.text.split(separator: "\r\n")
        let numbers = (1...count).filter { ![2, 64, 65, 100_000].contains($0) }
        let expected =
            ["+OK 99996 messages (432082716 octets)"] + numbers.map { "\($0) 4321" } + [".", "+OK Unique-ids follow"]
            + numbers.map { "\($0) 1700000000.\($0)" } + [".", "+OK 99996 432082716"]
        #expect(lines.count == expected.count)
        #expect(lines.elementsEqual(expected) { $0 == $1 })
        #expect(listing.requests.count == 49)
        #expect(Self.drive(&session, "QUIT\r\n").requests == [.commit([1, 63, 64, 99_999])])
    }

    @Test("A thousand listings in one packet are never held together")
    func pipelinedListings() {
        var session = Self.loggedIn([UInt32](repeating: 1, count: 2_000))
        var largest = 0
        let text = String(repeating: "LIST\r\n", count: 100) + String(repeating: "CAPA\r\n", count: 1_000)
        let answer = Self.drive(&session, text) { request, octets in
            largest = max(largest, octets)
            if case .send(let piece) = request { largest = max(largest, piece.readableBytes) }
        }
        #expect(largest <= 128 * 1_024)
        #expect(answer.text.split(separator: "\r\n").count { $0 == "." } == 1_100)
    }

    @Test("A listing of unique-ids that fails in its middle closes the connection: its end would be a lie")
    func namesFailInTheMiddle() {
        var session = Self.loggedIn([UInt32](repeating: 1, count: 3_000))
        var input = ByteBuffer(string: "UIDL\r\n")
        var output = ByteBuffer()
        #expect(session.advance(&input, into: &output) == .perform(.uniqueIDs(0..<2_048)))
        session.resume(with: .uniqueIDs(UniqueIDs((0..<2_048).map { "\($0)" })), into: &output)
        while case .perform(.send) = session.advance(&input, into: &output) {
            session.resume(with: .done, into: &output)
        }
        #expect(session.advance(&input, into: &output) == .perform(.uniqueIDs(2_048..<3_000)))
        output = ByteBuffer()
        // One too few is our own mistake, and treated like a failure.
        session.resume(with: .uniqueIDs(UniqueIDs((0..<951).map { "\($0)" })), into: &output)
        #expect(session.advance(&input, into: &output) == .perform(.logout))
        session.resume(with: .done, into: &output)
        #expect(session.advance(&input, into: &output) == .close)
        #expect(output.readableBytes == 0)
    }

    @Test("Sizes up to 2^32 - 1 are said and added without overflow")
    func largeSizes() {
        var session = Self.loggedIn([.max, .max, 0])
        #expect(
            Self.drive(&session, "STAT\r\nLIST 1\r\nLIST 3\r\n").text
                == "+OK 3 8589934590\r\n+OK 1 4294967295\r\n+OK 3 0\r\n")
    }

    @Test(
        "RFC 1939 §7: unique-ids are 1 to 70 octets of 0x21 to 0x7E, and what is not is made to fit",
        arguments: [
            (String(repeating: "x", count: 70), String(repeating: "x", count: 70)),
            (String(repeating: "x", count: 71), String(repeating: "x", count: 70)),
            ("", "_"), ("a b\r\nc", "a_b__c"), ("\u{e9}", "__"), ("!~", "!~"),
        ])
    func uniqueIDs(text: String, expected: String) {
        var session = Self.loggedIn([1])
        var input = ByteBuffer(string: "UIDL 1\r\n")
        var output = ByteBuffer()
        _ = session.advance(&input, into: &output)
        output = ByteBuffer()
        session.resume(with: .uniqueIDs(UniqueIDs([text])), into: &output)
        #expect(String(buffer: output) == "+OK 1 \(expected)\r\n")
    }

    @Test("Octets in clear behind STLS are left where they are, for the connection to see")
    func behindSTLS() {
        var session = ServerSession(configuration: Configuration(hostName: "mx.example.test"), isTLSActive: false)
        var input = ByteBuffer(string: "STLS\r\nUSER mallory\r\n")
        var output = ByteBuffer()
        #expect(session.advance(&input, into: &output) == .startTLS)
        #expect(input == ByteBuffer(string: "USER mallory\r\n"))
    }

    @Test("No octets make the session trap", arguments: 0..<40 as Range<UInt64>)
    func noise(seed: UInt64) {
        var random = seed &* 0x9e37_79b9_7f4a_7c15 | 1
        func next(_ bound: Int) -> Int {
            random ^= random << 13
            random ^= random >> 7
            random ^= random << 17
            return Int(random % UInt64(bound))
        }
        let words = [
            "USER", "PASS", "AUTH", "PLAIN", "LOGIN", "LIST", "UIDL", "RETR", "TOP", "DELE", "RSET", "STAT", "CAPA",
            " ",
            "1", "0", "99999999999", "=", "*", "\0", "\u{e9}", "\r\n", "\r\n", "\r\n", "\r", "\n", "STLS", "-1",
        ]
        var session = seed % 2 == 0 ? Self.session() : Self.loggedIn([1, 2, 3])
        for _ in 0..<60 {
            let text = (0..<next(40)).map { _ in words[next(words.count)] }.joined(separator: next(2) == 0 ? " " : "")
            _ = Self.drive(&session, text)
        }
        // Whatever it was, the session can still be ended.
        var output = ByteBuffer()
        session.handle(.timedOut, into: &output)
        var input = ByteBuffer()
        if session.advance(&input, into: &output) == .perform(.logout) { session.resume(with: .done, into: &output) }
        #expect(session.advance(&input, into: &output) == .close)
    }
}
