import MIME
import NIOCore
import Testing

@Suite struct TextTests {
    static let html: [(String, String)] = [
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<div>a</div><div>b</div>", "a\nb"),
        ("a  \r\n b", "a b"),
        ("<b>bo</b>ld", "bold"),
        ("<td>a</td><td>b</td>", "a b"),
        ("&lt;x&gt; &amp;amp; &quot;&#65;&#x42;&eacute;&euro;&nbsp;z", "<x> &amp; \"ABé€ z"),
        ("&unknown; &#0; &#x110000; &#xd800; &; &#; &#x; R&D", "&unknown; \u{fffd} \u{fffd} \u{fffd} &; &#; &#x; R&D"),
        ("&#150;&#99999999999999999999;", "\u{2013}\u{fffd}"),
        ("&copy 2026", "© 2026"),
        ("<style>p { x: '<b>' }</style>a<script>if (a<b) '</p>'</script>b", "ab"),
        ("<title>T</title>body", "body"),
        ("<!-- <p>no</p> -->yes<!DOCTYPE html><?xml?>", "yes"),
        ("<!-->a", "a"),
        ("<!-- unclosed", ""),
        ("<script>unclosed", ""),
        ("<a href=\"x>y\">link</a>", "link"),
        ("<a title='it is > that'>x</a>", "x"),
        ("1 < 2 > 0 <3", "1 < 2 > 0 <3"),
        ("a<", "a<"), ("</", "</"), ("<a", ""), ("", ""),
        ("<pre>a\nb</pre>c", "a\nb\nc"),
        ("<P>Up<BR>per", "Up\nper"),
        ("<scr\u{0}ipt>x", "x"),
    ]

    @Test("HTML reduced to the text it shows", arguments: html)
    func reduces(_ input: String, _ expected: String) {
        #expect(HTML.text(of: input) == expected)
    }

    @Test("Hosts of links and names of tags")
    func collects() {
        let facts = HTML.facts(
            of: """
                <A HREF="https://user:pw@Example.ORG:8080/x?y">x</a><img src='//cdn.example/i.gif'><p>http://text.example</p>
                <a href=mailto:a@b>m</a><a href="/rel">r</a><a href="&#104;ttps://ent.example">e</a><a href="http:\\\\back.example\\">
                <a href="https://example.org./">again</a><img alt="http://no.example">
                """)
        #expect(facts.hosts == ["example.org", "cdn.example", "ent.example", "back.example"])
        #expect(facts.tagNames == ["a", "img", "p"])
    }

    @Test(
        "Hosts of URLs in a text",
        arguments: [
            (
                "See http://A.example/x and (https://b.example), ftp://c.example.",
                ["a.example", "b.example", "c.example"]
            ),
            ("http://a.example http://A.EXAMPLE:80", ["a.example"]),
            ("http:// ://x http:/x", []),
            ("<https://u@evil.example>", ["evil.example"]),
            ("", []),
        ])
    func findsHosts(_ text: String, _ expected: [String]) {
        #expect(Links.hosts(in: text) == expected)
    }

    @Test(
        "Time is linear in hostile HTML",
        arguments: [
            "<", "<a ", "<!--", "<script>", "</script", "&", "&#", "<a href='", "<a b=\"", "://", "http://",
        ])
    func staysLinear(_ piece: String) {
        let html = String(repeating: piece, count: 100_000 / piece.utf8.count)
        let duration = ContinuousClock().measure {
            _ = HTML.text(of: html)
            _ = HTML.facts(of: html)
            _ = Links.hosts(in: html)
        }
        #expect(duration < .seconds(5))
    }

    @Test("The text of a part, with its encodings undone")
    func reads() {
        let attachment = message(Samples.attachment)
        #expect(attachment.part([1])?.text() == "<p>Grüße</p> <a href=\"http://evil.example/x\">x</a>")
        #expect(attachment.part([1])?.readableText() == "Grüße\n\nx")
        #expect(attachment.part([2])?.text() == nil)
        #expect(attachment.inlineTexts.count == 1)
        #expect(attachment.header.subject == "Grüße")
    }

    static let previews: [(String, String)] = [
        (Samples.plain, "One Two"),
        (Samples.alternative, "Plain"),
        (Samples.attachment, "Grüße x"),
        (Samples.digest, "body one"),
        ("A: b\n\n> quoted\nmine\n", "mine"),
        ("A: b\n\n> only quoted\n", "> only quoted"),
        ("A: b\n\n\u{200b}\u{feff} \u{34f}x\u{ad}y\n", "xy"),
        ("A: b\n\n", ""),
        ("Content-Type: image/png\n\nx", ""),
        ("Content-Disposition: attachment\n\nx", ""),
        (
            "Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/html\n\n<b>rich</b>\n--b\n\n \n--b--",
            "rich"
        ),
    ]

    @Test("RFC 8970: a preview shows the first words that somebody wrote", arguments: previews)
    func shows(_ input: String, _ expected: String) {
        #expect(message(input).preview() == expected)
    }

    @Test("RFC 8970 §3: 200 characters at most, of bounded length each")
    func boundsPreview() {
        #expect(message("A: b\n\n" + String(repeating: "x", count: 200)).preview().count == 200)
        #expect(message("A: b\n\n" + String(repeating: "x", count: 201)).preview().count == 200)
        let marks = "A: b\nContent-Type: text/plain; charset=utf-8\n\na" + String(repeating: "\u{301}", count: 20_000)
        #expect(message(marks).preview().utf8.count < 2000)
    }
}
