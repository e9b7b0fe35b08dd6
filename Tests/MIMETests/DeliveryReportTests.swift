import NIOCore
import Testing

@testable import MIME

@Suite("Delivery status notifications that come in")
struct DeliveryReportTests {
    private static let status = """
        Reporting-MTA: dns; mx.far.test\r
        Original-Envelope-ID: QQ314159\r
        Arrival-Date: Thu, 7 Jul 1994 17:15:49 -0400\r
        \r
        Original-Recipient: rfc822;x@far.test\r
        Final-Recipient: rfc822; <x@inner.far.test>\r
        Action: Failed\r
        Status: 5.1.1 (no such user)\r
        Diagnostic-Code: smtp; 550 5.1.1 <x>: unknown\r
        \r
        Final-Recipient: x400; /S=y/\r
        Action: delayed\r
        Status: 4.4.1\r

        """

    private func report(
        _ status: String = Self.status, type: String = "multipart/report; report-type=delivery-status; boundary=b",
        returned: String = "text/rfc822-headers\r\n\r\nSubject: a\r\nMessage-ID: <1@here.test>\r\n"
    ) -> DeliveryReport? {
        let text = """
            Content-Type: \(type)\r
            \r
            --b\r
            \r
            It did not work.\r
            --b\r
            Content-Type: message/delivery-status\r
            \r
            \(status)\r
            --b\r
            Content-Type: \(returned)\r
            --b--\r

            """
        return DeliveryReport(Message(parsing: ByteBuffer(string: text)))
    }

    @Test("RFC 3464 §2: what became of whom is read, with or without what comes back whole")
    func reads() {
        let found = report()
        #expect(found?.envelopeID == "QQ314159" && found?.arrivedAt == 773_615_749 && found?.messageID == "1@here.test")
        #expect(
            found?.recipients == [
                .init(
                    finalRecipient: "x@inner.far.test", originalRecipient: "x@far.test", action: "failed",
                    status: "5.1.1", diagnostic: "550 5.1.1 <x>: unknown"),
                .init(
                    finalRecipient: nil, originalRecipient: nil, action: "delayed", status: "4.4.1", diagnostic: nil),
            ])
        let whole = report(returned: "message/rfc822\r\n\r\nMessage-ID: <2@here.test>\r\n\r\nHello.\r\n")
        #expect(whole?.messageID == "2@here.test" && whole?.recipients == found?.recipients)
    }

    @Test("Other reports, and notices without a recipient, are none")
    func refuses() {
        #expect(report(type: "multipart/report; report-type=disposition-notification; boundary=b") == nil)
        #expect(report(type: "multipart/mixed; boundary=b") == nil)
        #expect(report("Reporting-MTA: dns; a\r\n") == nil && report("") == nil && report("\r\n\r\n\r\n") == nil)
        #expect(report(returned: "text/plain\r\n\r\nMessage-ID: <1@here.test>\r\n")?.messageID == nil)
    }

    @Test("Of very many recipients the first hundred are read")
    func isBounded() {
        let group = "\r\nFinal-Recipient: rfc822; x@far.test\r\nAction: failed\r\nStatus: 5.0.0\r\n"
        #expect(report(String(repeating: group, count: 100))?.recipients.count == 100)
        #expect(report(String(repeating: group, count: 2_000))?.recipients.count == 100)
        let long =
            "Final-Recipient: rfc822; \(String(repeating: "x", count: 3_000))\r\nAction: failed\r\nStatus: 5.0.0\r\n"
        #expect(report(long)?.recipients.first?.finalRecipient == nil)
    }
}
