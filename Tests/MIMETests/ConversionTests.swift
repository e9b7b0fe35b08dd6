import NIOCore
import Testing

@testable import MIME

@Suite("Conversion for a way that carries less")
struct ConversionTests {
    private func convert(_ text: String, _ goal: Conversion.Goal = .sevenBit) throws -> String {
        String(buffer: try Conversion.convert(Message(parsing: ByteBuffer(string: text)), to: goal))
    }

    @Test("RFC 6152 §3: 8-bit text becomes quoted-printable, and nothing else changes")
    func text() throws {
        let converted = try convert(
            """
            From: a@b.test\r
            MIME-Version: 1.0\r
            Content-Type: text/plain; charset=utf-8\r
            content-transfer-encoding: 8bit\r
            Subject: a\r
            \r
            Grüße aus dem Süden, wo es warm ist = schön \r
            .\r

            """)
        #expect(
            converted == """
                From: a@b.test\r
                MIME-Version: 1.0\r
                Content-Type: text/plain; charset=utf-8\r
                Subject: a\r
                Content-Transfer-Encoding: quoted-printable\r
                \r
                Gr=C3=BC=C3=9Fe aus dem S=C3=BCden, wo es warm ist =3D sch=C3=B6n=20\r
                =2E\r

                """)
    }

    @Test("RFC 1428 §3: text whose sender does not say what it is gets the fields that MIME must have")
    func withoutMIME() throws {
        #expect(
            try convert("Subject: a\r\n\r\nnur ein ü\r\n") == """
                Subject: a\r
                MIME-Version: 1.0\r
                Content-Type: text/plain; charset=unknown-8bit\r
                Content-Transfer-Encoding: quoted-printable\r
                \r
                nur ein =C3=BC\r

                """)
    }

    private static let mixed = """
        Content-Type: multipart/mixed; boundary=x\r
        Content-Transfer-Encoding: 8bit\r
        MIME-Version: 1.0\r
        \r
        préambule\r
        --x\r
        Content-Transfer-Encoding: 8bit\r
        \r
        plain enough\r
        --x\r
        Content-Type: application/octet-stream\r
        Content-Transfer-Encoding: 8bit\r
        \r
        \u{fe}\u{ff}ab\r
        --x\r
        Content-Type: message/rfc822\r
        Content-Transfer-Encoding: 8bit\r
        \r
        Subject: inner\r
        Content-Transfer-Encoding: 8bit\r
        \r
        Привет, мир\r
        --x--\r
        the end\r

        """

    @Test(
        "RFC 2045 §6.4: of a container each part is encoded by what is in it, the container names the narrower encoding"
    )
    func parts() throws {
        let text = try convert(Self.mixed)
        #expect(text.utf8.allSatisfy { $0 < 0x80 })
        let original = Message(parsing: ByteBuffer(string: Self.mixed))
        let message = Message(parsing: ByteBuffer(string: text))
        #expect(message.root.transferEncoding == .sevenBit)
        #expect(message.root.children.map(\.transferEncoding) == [.sevenBit, .base64, .sevenBit])
        #expect(message.root.children[2].embedded?.transferEncoding == .base64)
        // Nothing is lost: what comes out of each part is what was in it, but for a line ending behind base64.
        for (old, new) in zip(original.root.children, message.root.children).prefix(2) {
            #expect(old.decodedBody() == new.decodedBody())
        }
        #expect(message.root.children[2].embedded?.decodedBody() == original.root.children[2].embedded?.decodedBody())
        #expect(!text.contains("ambule") && text.hasSuffix("--x--\r\nthe end\r\n"))
    }

    @Test("RFC 5321 §4.5.3.1.6: a line of 998 octets stays, one more is encoded", arguments: [998, 999])
    func longLines(_ octets: Int) throws {
        let body = String(repeating: "a", count: octets) + "\r\n"
        let text = "MIME-Version: 1.0\r\n\r\n" + body
        let converted = try convert(text, .eightBit)
        #expect((converted == text) == (octets == 998))
        let message = Message(parsing: ByteBuffer(string: converted))
        #expect(String(buffer: message.root.decodedBody()) == body)
        #expect(converted.split(separator: "\r\n").allSatisfy { $0.utf8.count <= 998 })
    }

    @Test("RFC 3030 §3: what is binary is encoded in base64, octet by octet; what only says so is renamed")
    func binary() throws {
        let text =
            "MIME-Version: 1.0\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: binary\r\n\r\na\nb\rc\u{0}ü"
        let converted = Message(parsing: ByteBuffer(string: try convert(text, .eightBit)))
        #expect(converted.root.transferEncoding == .base64)
        #expect(String(buffer: converted.root.decodedBody()) == "a\nb\rc\u{0}ü")
        let tame = "MIME-Version: 1.0\r\nContent-Transfer-Encoding: binary\r\n\r\nü\r\n"
        #expect(try convert(tame, .eightBit) == tame.replacing("binary", with: "8bit"))
    }

    @Test("RFC 1847 §2.1, RFC 2045 §6.4: what may not be changed is not; long lines alone pass there")
    func refuses() throws {
        let signed = "Content-Type: multipart/signed; boundary=x\r\n\r\n--x\r\n\r\n@\r\n--x--\r\n"
        #expect(throws: Conversion.Failure.secured) { try convert(signed.replacing("@", with: "ü")) }
        let long = signed.replacing("@", with: String(repeating: "a", count: 2_000))
        #expect(try convert(long) == long)
        #expect(throws: Conversion.Failure.header) { try convert("Subject: ü\r\n\r\na\r\n") }
        #expect(throws: Conversion.Failure.composite) { try convert("Content-Type: message/partial\r\n\r\nü\r\n") }
        #expect(throws: Conversion.Failure.composite) {
            try convert("Content-Type: multipart/mixed; boundary=x\r\n\r\nno part: ü\r\n")
        }
        #expect(throws: Conversion.Failure.encoding) {
            try convert("Content-Transfer-Encoding: x-own\r\n\r\nü\r\n")
        }
    }

    @Test(
        "A line is measured and a pair of CR and LF known however the octets are cut", arguments: [1, 2, 3, 7, 5_000])
    func scans(_ size: Int) {
        func facts(_ text: String) -> LineFacts {
            var scanner = LineScanner()
            let octets = Array(text.utf8)
            for start in stride(from: 0, to: octets.count, by: size) {
                scanner.scan(ByteBuffer(bytes: octets[start..<min(start + size, octets.count)]))
            }
            return scanner.facts
        }
        let long = String(repeating: "a", count: 998)
        #expect(facts("\(long)\r\n\(long)\r\n\r\na") == LineFacts())
        #expect(facts("\(long)a\r\n").hasLongLine && facts("\(long)a").hasLongLine)
        for bare in ["a\nb", "a\rb", "a\r", "\r\r\n", "\n", "a\r\n\n"] {
            #expect(facts(bare).hasBareEnding, "\(bare.debugDescription)")
        }
        #expect(facts("ü\r\n").hasEightBit && facts("\u{0}\r\n").hasNUL)
    }

    @Test("Whatever a stranger sends is refused or fits", arguments: 0..<200 as Range<UInt64>)
    func fits(_ seed: UInt64) {
        var state = seed &* 0x9e37_79b9_7f4a_7c15 | 1
        func number(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        let words = [
            "Content-Type: multipart/mixed; boundary=x", "Content-Type: text/html", "Content-Type: message/rfc822",
            "Content-Transfer-Encoding: 8bit", "Content-Transfer-Encoding: base64", "Content-Transfer-Encoding: binary",
            "\r\n", "\r\n", "\r\n", "\n", "\r", "--x\r\n", "--x--", "ü", "a", " ", "\u{0}", "=C3", "QUJD",
            String(repeating: "b", count: 600), "Content-Type: multipart/signed; boundary=y", "--y\r\n",
        ]
        let text = (0..<number(60)).map { _ in words[number(words.count)] }.joined()
        for goal in [Conversion.Goal.sevenBit, .eightBit] {
            guard let converted = try? convert(text, goal) else { continue }
            var facts = LineScanner.facts(of: ByteBuffer(string: converted))
            // A header's own lines, and what is signed, stay as long as they are.
            facts.hasLongLine = false
            #expect(!facts.isBinary && (goal == .eightBit || !facts.hasEightBit), "\(text.debugDescription)")
        }
    }
}
