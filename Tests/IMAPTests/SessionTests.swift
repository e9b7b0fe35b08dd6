import MailCore
import NIOCore
import Testing

@testable import IMAP

/// What a dialogue cannot show: waiting times, events while a request is performed, what is announced.
@Suite struct SessionTests {
    @Test("RFC 3501 §5.4, RFC 2177 §3: how long a client may be silent")
    func waits() {
        var session = BoundsTests.session(.selected(readOnly: false))
        var (input, output) = (ByteBuffer(), ByteBuffer())
        #expect(session.advance(&input, into: &output) == .needsInput(withinSeconds: 1_800))
        input.writeString("a IDLE\r\n")
        #expect(session.advance(&input, into: &output) == .perform(.idleStarted))
        session.resume(with: .continued, into: &output)
        #expect(session.advance(&input, into: &output) == .needsInput(withinSeconds: 120))
        for _ in 0..<14 { session.handle(.timedOut, into: &output) }
        #expect(session.advance(&input, into: &output) == .needsInput(withinSeconds: 120))
        session.handle(.timedOut, into: &output)
        #expect(session.advance(&input, into: &output) == .close)
    }

    @Test("a change while a step of IDLE is performed is asked for right behind it, once")
    func wakeWhilePerforming() {
        var session = BoundsTests.session(.selected(readOnly: false))
        var (input, output) = (ByteBuffer(string: "a IDLE\r\n"), ByteBuffer())
        #expect(session.advance(&input, into: &output) == .perform(.idleStarted))
        session.handle(.woken, into: &output)
        session.handle(.woken, into: &output)
        session.resume(with: .continued, into: &output)
        #expect(session.advance(&input, into: &output) == .perform(.idleUpdates))
        session.resume(with: .continued, into: &output)
        #expect(session.advance(&input, into: &output) == .needsInput(withinSeconds: 120))
    }

    @Test("RFC 3501 §7.1.5: a stop while a command is performed is said behind its end")
    func stopWhilePerforming() {
        var session = BoundsTests.session()
        var (input, output) = (ByteBuffer(string: "a NOOP\r\nb NOOP\r\n"), ByteBuffer())
        #expect(session.advance(&input, into: &output) == .perform(.noop))
        session.handle(.shuttingDown, into: &output)
        #expect(output.readableBytes == 0)
        session.resume(with: .done(.ok), into: &output)
        #expect(session.advance(&input, into: &output) == .close)
        #expect(String(buffer: output) == "a OK NOOP completed\r\n* BYE [UNAVAILABLE] The server is stopping\r\n")
    }

    @Test("the greeting of a connection in clear says what may be done on it")
    func greeting() {
        var session = ServerSession(ServerConfiguration(), hasTLS: false)
        var output = ByteBuffer()
        session.start(into: &output)
        #expect(String(buffer: output).contains(" LOGINDISABLED "))
        session.handle(.tlsStarted(TLSFacts(version: "TLSv1.3", cipher: "")), into: &output)
        #expect(session.hasTLS)
    }

    @Test("what is announced in every state")
    func capabilities() {
        #expect(
            Capability.common(ServerConfiguration()) == [
                "SASL-IR", "LITERAL+", "ID", "ENABLE", "IDLE", "NAMESPACE", "UIDPLUS", "UNSELECT", "MOVE", "CHILDREN",
                "SPECIAL-USE", "CREATE-SPECIAL-USE", "CONDSTORE", "QRESYNC", "ESEARCH", "SEARCHRES", "WITHIN",
                "LIST-EXTENDED", "LIST-STATUS", "STATUS=SIZE", "OBJECTID", "SAVEDATE", "PREVIEW",
                "MULTIAPPEND", "UTF8=ACCEPT", "BINARY", "SORT", "SORT=DISPLAY", "ESORT", "THREAD=ORDEREDSUBJECT",
                "THREAD=REFERENCES", "THREAD=REFS", "PARTIAL", "UIDONLY", "REPLACE", "QUOTA", "QUOTA=RES-STORAGE",
                "QUOTA=RES-MESSAGE",
                "LANGUAGE", "I18NLEVEL=1", "INPROGRESS", "MULTISEARCH", "CATENATE", "METADATA", "LIST-METADATA",
                "NOTIFY", "CONTEXT=SEARCH", "CONTEXT=SORT", "ACL", "RIGHTS=kxte", "LIST-MYRIGHTS",
                "APPENDLIMIT=52428800",
            ])
    }

    @Test("the bound on literals in a command: 200, and one past it", arguments: [0, 1])
    func literals(_ more: Int) {
        var session = BoundsTests.session(.selected(readOnly: false))
        let text = "a SEARCH" + String(repeating: " SUBJECT {1+}\r\nx", count: 200 + more) + "\r\n"
        var (input, output) = (ByteBuffer(string: text), ByteBuffer())
        let step = session.advance(&input, into: &output)
        if more == 0 {
            let key = SearchKey.and(Array(repeating: .subject("x"), count: 200))
            #expect(step == .perform(.search(Search(key))))
        } else {
            #expect(String(buffer: output) == "a BAD More than 200 literals in a command\r\n")
        }
    }
}
