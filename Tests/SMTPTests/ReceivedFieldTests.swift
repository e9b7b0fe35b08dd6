import MailCore
import NIOCore
import Testing

@testable import SMTP

@Suite("Trace fields")
struct ReceivedFieldTests {
    static func field(_ change: (inout Envelope) -> Void = { _ in }, host: String = "192.0.2.7", name: String? = nil)
        -> String
    {
        var envelope = Envelope(helo: "client.example", reversePath: .null)
        change(&envelope)
        let field = ReceivedField(
            envelope: envelope, remote: SocketEndpoint(host: host, port: 4_000), reverseName: name,
            hostname: "mx.example.test", identifier: "c7f3k2-1", unixSeconds: 1_795_467_779)
        var output = ByteBuffer()
        field.write(into: &output)
        return String(buffer: output)
    }

    @Test("RFC 5321 §4.4: from, by, with, id, for one recipient only, date")
    func plain() {
        let bob = Recipient(.address(EmailAddress(localPart: "bob", domain: "example.test")))
        #expect(
            Self.field({ $0.recipients = [bob] }, name: "host.example")
                == "Received: from client.example (host.example [192.0.2.7])\r\n"
                + "\tby mx.example.test with ESMTP\r\n"
                + "\tid c7f3k2-1 for <bob@example.test>; Mon, 23 Nov 2026 21:02:59 +0000\r\n"
        )
        #expect(
            Self.field({ $0.recipients = [bob, Recipient(.postmaster)] }, host: "2001:db8::1")
                == "Received: from client.example ([IPv6:2001:db8::1])\r\n"
                + "\tby mx.example.test with ESMTP\r\n\tid c7f3k2-1; Mon, 23 Nov 2026 21:02:59 +0000\r\n")
    }

    @Test("RFC 3848: the protocol's letters; TLS facts in a comment")
    func protocols() {
        let tls = TLSFacts(version: "TLSv1.3", cipher: "")
        #expect(Self.field({ $0.isExtended = false }).contains(" with SMTP\r\n"))
        #expect(Self.field({ $0.tls = tls }).contains(" with ESMTPS\r\n\t(TLSv1.3)\r\n"))
        #expect(Self.field({ $0.login = "ann" }).contains(" with ESMTPA\r\n"))
        #expect(
            Self.field({
                $0.tls = TLSFacts(version: "TLSv1.2", cipher: "AES")
                $0.login = "ann"
            }).contains(" with ESMTPSA\r\n\t(TLSv1.2 AES)\r\n"))
    }

    @Test("what a client calls itself cannot open a comment or begin the next part")
    func hostileName() {
        #expect(Self.field({ $0.helo = "x(;by\"evil\\" }).hasPrefix("Received: from x??by?evil? ([192.0.2.7])\r\n"))
        #expect(Self.field({ $0.helo = "[192.0.2.1]" }).hasPrefix("Received: from [192.0.2.1] ("))
    }

    static let dates: [(Int64, String)] = [
        (0, "Thu, 01 Jan 1970 00:00:00 +0000"),
        (-1, "Wed, 31 Dec 1969 23:59:59 +0000"),
        (951_782_400, "Tue, 29 Feb 2000 00:00:00 +0000"),
        (951_868_800, "Wed, 01 Mar 2000 00:00:00 +0000"),
        (1_709_251_199, "Thu, 29 Feb 2024 23:59:59 +0000"),
        (1_795_467_779, "Mon, 23 Nov 2026 21:02:59 +0000"),
        (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 +0000"),
        (Int64.min, "Mon, 01 Jan 1900 00:00:00 +0000"),
        (Int64.max, "Fri, 31 Dec 9999 23:59:59 +0000"),
    ]

    @Test("RFC 5322 §3.3: dates", arguments: dates)
    func date(_ seconds: Int64, _ text: String) {
        #expect(MessageDate(unixSeconds: seconds).description == text)
    }
}
