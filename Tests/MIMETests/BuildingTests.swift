import MIME
import NIOCore
import Testing

@Suite struct BuildingTests {
    @Test(
        "RFC 5322 §2.1.1, RFC 2047: any text is folded, in US-ASCII, and read back the same",
        arguments: [
            "Hello", "", "Größe", "日本語のとても長い件名" + String(repeating: "です", count: 60),
            String(repeating: "many words ", count: 30) + "end", "=?utf-8?Q?literal?=",
            String(repeating: "ü ", count: 80) + "x",
            String(repeating: "x", count: 2000), "a \"b\" (c) <d@e>",
        ])
    func writesText(_ text: String) {
        var builder = HeaderBuilder()
        builder.append("Subject", text: text)
        let header = Header(parsing: builder.finish())
        #expect(header.fields.count == 1)
        #expect(header.subject == text)
        #expect(builder.octets.readableBytesView.allSatisfy { $0 < 0x80 })
        #expect(builder.octets.text.split(separator: "\n").allSatisfy { $0.utf8.count <= 78 })
    }

    @Test(
        "No value starts a field of its own",
        arguments: ["a\r\nBcc: x@y", "a\nBcc: x@y", "a\r\n\r\nbody", "a\u{0}b\rc"])
    func keepsFieldsApart(_ text: String) {
        var builder = HeaderBuilder()
        builder.append("Subject", text: text)
        builder.append("X-Value", value: text)
        builder.append(
            "To", mailboxes: [.init(displayName: Array(text.utf8), localPart: Array(text.utf8), domain: [120])])
        builder.append("Content-Type", value: "text/plain", parameters: [("name", text)])
        let message = Message(parsing: builder.finish())
        #expect(
            message.header.fields.map { message.header.name(of: $0) } == ["Subject", "X-Value", "To", "Content-Type"])
        #expect(message.root.body.isEmpty)
    }

    @Test("Addresses are read back as they were written")
    func writesAddresses() {
        let mailboxes = ["Ann Lee", "Jörg, der \"Große\"", "", "a=?b"].enumerated().map { index, name in
            AddressList.Mailbox(
                displayName: name.isEmpty ? nil : Array(name.utf8), localPart: Array("user \(index)".utf8),
                domain: Array("example.org".utf8))
        }
        var builder = HeaderBuilder()
        builder.append("To", mailboxes: mailboxes)
        let read = Header(parsing: builder.finish()).addresses("To").mailboxes
        #expect(read.map(\.name) == mailboxes.map(\.name))
        #expect(read.map(\.localPart).count == 4 && read[3].domain == Array("example.org".utf8))
    }

    @Test(
        "RFC 2231: parameters are read back as they were written",
        arguments: ["a", "a b;c", "Größe.pdf", "", "\"\\", "100%'*"])
    func writesParameters(_ value: String) {
        var builder = HeaderBuilder()
        builder.append("Content-Disposition", value: "attachment", parameters: [("x", "y"), ("filename", value)])
        #expect(Message(parsing: builder.finish()).root.fileName == value)
    }

    @Test("RFC 6522, RFC 3464: a notice of non-delivery")
    func composesNotice() {
        var fields = HeaderBuilder()
        fields.append("From", value: "Mail Delivery System <mailer-daemon@example.org>")
        fields.append("Subject", text: "Nicht zugestellt: Größe")
        fields.append("Date", date: DateTime(unixSeconds: 1_795_467_774))
        fields.append("MIME-Version", value: "1.0")
        var status = HeaderBuilder()
        status.append("Reporting-MTA", value: "dns; mx.example.org")
        var recipient = HeaderBuilder()
        recipient.append("Final-Recipient", value: "rfc822; bob@example.net")
        recipient.append("Action", value: "failed")
        recipient.append("Status", value: "5.1.1")
        var statusBody = status.finish()
        statusBody.writeImmutableBuffer(recipient.octets)
        let notice = EntityBuilder.multipart(
            "report", boundary: "b1", parameters: [("report-type", "delivery-status")], fields: fields,
            parts: [
                EntityBuilder.text("Your message was not delivered.\nTo: bob\n"),
                EntityBuilder.raw("message/delivery-status", body: statusBody),
                EntityBuilder.raw("text/rfc822-headers", body: crlf("Subject: x\n\n")),
                EntityBuilder.raw("message/rfc822", body: crlf(Samples.plain)),
                EntityBuilder.attachment("application/pdf", fileName: "ä.pdf", body: ByteBuffer(string: "PDF")),
            ])
        let message = Message(parsing: notice)
        #expect(
            message.outline
                == "report(text/plain message/delivery-status text/rfc822-headers message(text/plain) application/pdf)")
        #expect(message.root.contentType.parameters["report-type"] == "delivery-status")
        #expect(message.part([1])?.text() == "Your message was not delivered.\r\nTo: bob\r\n")
        #expect(message.part([2])?.encodedBody == statusBody)
        #expect(message.section([4]) == Samples.plain)
        #expect(message.part([5])?.fileName == "ä.pdf" && message.part([5])?.decodedBody().text == "PDF")
        #expect(message.header.date?.unixSeconds == 1_795_467_774)
        Invariants.check(message)
    }

    @Test(
        "A text part chooses the encoding its text needs",
        arguments: [
            ("short\n", "7bit"), ("größe\n", "quoted-printable"),
            (String(repeating: "x", count: 79), "quoted-printable"),
            (String(repeating: "x", count: 78), "7bit"),
        ])
    func choosesEncoding(_ text: String, _ encoding: String) {
        let message = Message(parsing: EntityBuilder.text(text))
        #expect(message.root.transferEncoding.name == encoding)
        #expect(message.root.text()?.replacing("\r\n", with: "\n") == text)
    }
}
