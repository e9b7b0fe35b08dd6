/// Messages that the dialogues append. Lines end in CR LF.
enum Samples {
    static let messages: [String: String] = [
        "plain": """
        From: Carl <carl@example.org>
        To: ann@here.test
        Subject: Lunch
        Date: Mon, 23 Nov 2026 10:00:00 +0100
        Message-ID: <1@example.org>
        X-Mood: hungry

        Shall we meet at noon?

        """,
        "other": """
        From: Dora <dora@example.org>
        To: ann@here.test
        Cc: bob@here.test
        Subject: Report
        Date: Sun, 22 Nov 2026 23:30:00 -0500
        Message-ID: <2@example.org>

        The figures are below.
        One. Two. Three.

        """,
        "international": """
        From: J\u{fc}rgen <j\u{fc}rgen@k\u{f6}ln.example>, carl@example.org
        To: ann@here.test
        Subject: Gr\u{fc}\u{df}e
        Date: Tue, 24 Nov 2026 08:00:00 +0000
        Message-ID: <9@example.org>
        X-Note: sch\u{f6}n
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary=cut

        --cut
        Content-Type: text/plain; charset=utf-8
        Content-Transfer-Encoding: 8bit

        Gr\u{fc}n
        --cut
        Content-Type: text/plain; name="Stra\u{df}e.txt"

        x
        --cut--

        """,
        "latin": """
        From: =?ISO-8859-1?Q?J=FCrgen_M=FCller?= <jm@example.org>
        To: ann@here.test
        Subject: =?UTF-8?B?R3LDvMOfZSBhdXMgS8O2bG4=?=
        Date: Tue, 24 Nov 2026 08:00:00 +0000
        Message-ID: <3@example.org>
        MIME-Version: 1.0
        Content-Type: text/plain; charset=iso-8859-1
        Content-Transfer-Encoding: quoted-printable

        Die Stra=DFe ist lang und f=FChrt nach S=
        =FCden.

        """,
        "parts": """
        From: Eve <eve@example.org>
        To: ann@here.test
        Subject: Parts
        Date: Wed, 25 Nov 2026 09:00:00 +0000
        Message-ID: <4@example.org>
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary="b1"

        preamble
        --b1
        Content-Type: text/plain; charset=us-ascii

        First part.
        --b1
        Content-Type: message/rfc822

        From: Inner <inner@example.org>
        Subject: Inside
        Content-Type: multipart/alternative; boundary="b2"

        --b2
        Content-Type: text/plain

        Inner plain.
        --b2
        Content-Type: text/html
        Content-Transfer-Encoding: base64

        PGI+SW5u PC9iPmVyIGh0bWwu
        --b2--
        --b1--
        epilogue

        """,
    ].mapValues { $0.replacing("\n", with: "\r\n") }

    /// Puts samples in as non-synchronising literals (RFC 7888), and for `{{+text}}` the text; `\\r\\n` is a line's end.
    static func filled(_ text: String) -> String {
        var text = text.replacing("\\r\\n", with: "\r\n")
        while let start = text.firstRange(of: "{{+"), let end = text[start.upperBound...].firstRange(of: "}}") {
            let said = text[start.upperBound..<end.lowerBound]
            text.replaceSubrange(start.lowerBound..<end.upperBound, with: "{\(said.utf8.count)+}\r\n\(said)")
        }
        for (name, octets) in messages {
            text = text.replacing("{{\(name)}}", with: "{\(octets.utf8.count)+}\r\n\(octets)")
        }
        return text
    }
}
