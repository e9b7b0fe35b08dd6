import MailCore
import MessageStore
import SMTP
import Testing

@testable import SMTPServer

@Suite("Notices about mail that was taken")
struct NotificationTests {
    private func sent(_ recipients: String..., sender: String = "bob@example.test", ehlo: String = "") async throws
        -> [String]
    {
        var inbox: [String] = []
        try await Bed.with { bed in
            let rcpt = recipients.map { "RCPT TO:\($0)\n" }.joined()
            let said = await Dialogue.play(
                bed.services(), "EHLO c.test\nMAIL FROM:<\(sender)> ENVID=QQ+2B1\n\(rcpt)DATA\nSubject: a\n\nx\n.\n")
            #expect(said.last?.hasPrefix("250") == true, "\(said)")
            inbox = try await bed.inbox(of: "bob@example.test")
        }
        return inbox
    }

    @Test("RFC 3461 §4.1: a sender who asks for it is told that his message is in a mailbox, once for each address")
    func delivered() async throws {
        let inbox = try await sent(
            "<ann@example.test> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;Ann+2Bx@far.test",
            "<team@example.test> NOTIFY=FAILURE")
        #expect(inbox.count == 1)
        let notice = inbox.first ?? ""
        #expect(notice.hasPrefix("Return-Path: <>\r\n"))
        #expect(notice.contains("\r\nSubject: Your message was delivered\r\n"))
        #expect(notice.contains("\r\nOriginal-Envelope-Id: QQ+1\r\n"))
        let group =
            "\r\n\r\nOriginal-Recipient: rfc822; Ann+x@far.test\r\nFinal-Recipient: rfc822; ann@example.test\r\n"
            + "Action: delivered\r\nStatus: 2.0.0\r\n"
        #expect(notice.contains(group), "\(notice)")
        #expect(!notice.contains("team@example.test"))
    }

    @Test("RFC 3461 §4.1: without the wish, and for the null path, there is no notice of success")
    func silent() async throws {
        #expect(try await sent("<ann@example.test>").isEmpty)
        #expect(try await sent("<ann@example.test> NOTIFY=NEVER").isEmpty)
        #expect(try await sent("<ann@example.test> NOTIFY=FAILURE,DELAY").isEmpty)
        #expect(try await sent("<ann@example.test> NOTIFY=SUCCESS", sender: "").isEmpty)
    }

    @Test("RFC 3030 §3, RFC 3501 §9: binary mail is readable in a mailbox: without NUL, in lines")
    func binary() async throws {
        try await Bed.with { bed in
            let body =
                "MIME-Version: 1.0\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: binary\r\n\r\na\u{0}b\rc"
            let said = await Dialogue.octets(
                bed.services(),
                "EHLO c.test\r\nMAIL FROM:<bob@example.test> BODY=BINARYMIME\r\n"
                    + "RCPT TO:<ann@example.test>\r\nBDAT \(body.utf8.count) LAST\r\n" + body)
            #expect(said.last?.hasPrefix("250") == true, "\(said)")
            let text = try await bed.inbox(of: "ann@example.test").first ?? ""
            #expect(text.contains("\r\nContent-Transfer-Encoding: base64\r\n\r\nYQBiDWM=\r\n"), "\(text)")
            #expect(text.utf8.allSatisfy { $0 != 0 })
        }
    }

    @Test("RFC 3030 §3: binary mail that may not be changed is refused, not stored so that nobody can read it")
    func binarySigned() async throws {
        try await Bed.with { bed in
            let body = "Content-Type: multipart/signed; boundary=x\r\n\r\n--x\r\n\r\na\u{0}b\r\n--x--\r\n"
            let said = await Dialogue.octets(
                bed.services(),
                "EHLO c.test\r\nMAIL FROM:<bob@example.test> BODY=BINARYMIME\r\n"
                    + "RCPT TO:<ann@example.test>\r\nBDAT \(body.utf8.count) LAST\r\n" + body)
            #expect(said.last?.hasPrefix("554 5.6.3") == true, "\(said)")
            let inbox = try await bed.inbox(of: "ann@example.test")
            #expect(inbox.isEmpty)
        }
    }

    @Test("Mail of a trusted network is signed when its one author is of a domain of ours; RFC 8689 §5 is read")
    func options() async throws {
        try await Bed.with { bed in
            let network = try #require(IPNetwork("192.0.2.0/24"))
            let services = bed.services(trusting: [network])
            for header in [
                "From: ann@example.test\nTLS-Required: No", "From: x@far.test", "From: ann@example.test, x@far.test",
                "TLS-Required: No\nTLS-Required: No\nFrom: ann@example.test",
            ] {
                let said = await Dialogue.send(
                    services, sender: "s@far.test", to: ["x@elsewhere.test"], header + "\n\nx")
                #expect(said.hasPrefix("250"), "\(said)")
            }
            let rows = try await bed.store.listQueue()
            #expect(rows.map(\.options) == ["ours", "", "", "ours"])
            #expect(rows.map { $0.needs.contains(.ignoresTLSPolicy) } == [true, false, false, false])
        }
    }
}
