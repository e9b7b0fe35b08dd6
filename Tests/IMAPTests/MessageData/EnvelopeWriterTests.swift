import IMAP
import MIME
import NIOCore
import Testing

@Suite struct EnvelopeWriterTests {
    static let cases: [(String, String)] = [
        ("", "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)"),
        (
            // RFC 9051 §8
            """
            Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)
            From: Terry Gray <gray@cac.washington.edu>
            Subject: IMAP4rev2 WG mtg summary and minutes
            To: imap@cac.washington.edu
            Cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>
            Message-Id: <B27397-0100000@cac.washington.edu>


            """,
            "(\"Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\" \"IMAP4rev2 WG mtg summary and minutes\" "
                + "((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) ((\"Terry Gray\" NIL \"gray\" "
                + "\"cac.washington.edu\")) ((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) "
                + "((NIL NIL \"imap\" \"cac.washington.edu\")) ((NIL NIL \"minutes\" \"CNRI.Reston.VA.US\")"
                + "(\"John Klensin\" NIL \"KLENSIN\" \"MIT.EDU\")) NIL NIL \"<B27397-0100000@cac.washington.edu>\")"
        ),
        ("Subject:\nDate: \nMessage-ID:\nIn-Reply-To:\nTo:\n\n", "(\"\" \"\" NIL NIL NIL NIL NIL NIL \"\" \"\")"),
        (
            "From: a@x\nSender:\nReply-To: \"B \\\"q\\\"\" <b@y>\n\n",
            "(NIL NIL ((NIL NIL \"a\" \"x\")) ((NIL NIL \"a\" \"x\")) ((\"B \\\"q\\\"\" NIL \"b\" \"y\")) NIL NIL NIL NIL NIL)"
        ),
        (
            "To: G: a@x, b@y;, undisclosed:;\n\n",
            "(NIL NIL NIL NIL NIL ((NIL NIL \"G\" NIL)(NIL NIL \"a\" \"x\")(NIL NIL \"b\" \"y\")(NIL NIL NIL NIL)"
                + "(NIL NIL \"undisclosed\" NIL)(NIL NIL NIL NIL)) NIL NIL NIL NIL)"
        ),
        ("To: nobody\n\n", "(NIL NIL NIL NIL NIL ((NIL NIL \"nobody\" \"\")) NIL NIL NIL NIL)"),
        ("To: <@r:a@x>\n\n", "(NIL NIL NIL NIL NIL ((NIL \"@r\" \"a\" \"x\")) NIL NIL NIL NIL)"),
        ("To: a@x\nTo: b@y\n\n", "(NIL NIL NIL NIL NIL ((NIL NIL \"a\" \"x\")(NIL NIL \"b\" \"y\")) NIL NIL NIL NIL)"),
        ("Subject: a\n  \"b\"\n\tc\\\n\n", "(NIL \"a  \\\"b\\\"\tc\\\\\" NIL NIL NIL NIL NIL NIL NIL NIL)"),
        ("Subject: gr\u{fc}n\n\n", "(NIL {5}\r\ngrün NIL NIL NIL NIL NIL NIL NIL NIL)"),
        ("Subject: =?utf-8?Q?=C3=BC?=\n\n", "(NIL \"=?utf-8?Q?=C3=BC?=\" NIL NIL NIL NIL NIL NIL NIL NIL)"),
        ("Subject: a\u{0}b\n\n", "(NIL \"ab\" NIL NIL NIL NIL NIL NIL NIL NIL)"),
        ("Subject: one\nSubject: two\n\n", "(NIL \"one\" NIL NIL NIL NIL NIL NIL NIL NIL)"),
    ]

    @Test(
        "RFC 9051 §7.5.2: ENVELOPE, its NIL and its empty strings, groups, and octets that no quoted string holds",
        arguments: cases)
    func writes(_ input: String, _ expected: String) {
        var output = ByteBuffer()
        EnvelopeWriter.write(MIME.Message(parsing: ByteBuffer(string: input)), into: &output)
        #expect(String(buffer: output) == expected)
    }

    @Test("RFC 9051 §4.3: a string of 1,024 octets is quoted, a longer one a literal; NUL is left out")
    func choosesForm() {
        func written(_ value: String) -> String {
            var output = ByteBuffer()
            StringWriter.write(value, into: &output)
            return String(buffer: output)
        }
        let long = String(repeating: "x", count: 1024)
        #expect(written(long) == "\"\(long)\"")
        #expect(written(long + "x") == "{1025}\r\n\(long)x")
        #expect(written("") == "\"\"" && written("a\r\nb") == "{4}\r\na\r\nb" && written("a\u{0}b") == "{2}\r\nab")
        #expect(written("a\u{7f}") == "{2}\r\na\u{7f}")
    }
}
