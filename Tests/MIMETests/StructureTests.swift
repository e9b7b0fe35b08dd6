import MIME
import NIOCore
import Testing

@Suite struct StructureTests {
    struct Case: Sendable {
        var title: String
        var input: String
        var outline: String
        /// The text of each leaf, LF for CRLF, in order.
        var leaves: [String]
        var lines: [Int]
    }

    static let cases = [
        Case(title: "plain", input: Samples.plain, outline: "text/plain", leaves: ["One\nTwo\n"], lines: [2]),
        Case(
            title: "alternative", input: Samples.alternative, outline: "alternative(text/plain text/html)",
            leaves: ["Plain", "<p>Rich</p>\n"], lines: [0, 1]),
        Case(
            title: "nested", input: Samples.nested,
            outline: "mixed(text/plain application/octet-stream message(mixed(text/plain application/octet-stream)) "
                + "mixed(image/gif message(alternative(text/plain text/richtext))))",
            leaves: ["part 1", "AAEC", "part 3.1", "part 3.2", "part 4.1", "part 4.2.1", "part 4.2.2"],
            lines: [0, 0, 0, 0, 0, 0, 0]),
        Case(
            title: "RFC 2046 §5.1.5: a part of a digest is a message", input: Samples.digest,
            outline: "digest(message(text/plain) text/plain)", leaves: ["body one", "no message"], lines: [0, 0]),
        Case(
            title: "no Content-Type", input: "A: b\n\nx\n", outline: "text/plain", leaves: ["x\n"], lines: [1]),
        Case(title: "empty", input: "", outline: "text/plain", leaves: [""], lines: [0]),
        Case(
            title: "unreadable Content-Type", input: "Content-Type: pdf\n\nx", outline: "text/plain", leaves: ["x"],
            lines: [0]),
        Case(
            title: "missing final delimiter",
            input: "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo",
            outline: "mixed(text/plain text/plain)", leaves: ["one", "two"], lines: [0, 0]),
        Case(
            title: "missing final delimiter and newline kept",
            input: "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n\ntwo\n",
            outline: "mixed(text/plain)", leaves: ["one\n\ntwo\n"], lines: [3]),
        Case(
            title: "inner multipart ended by the outer delimiter",
            input: "Content-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: multipart/mixed; boundary=i\n\n"
                + "--i\n\nin\n--o\n\nout\n--o--\n",
            outline: "mixed(mixed(text/plain) text/plain)", leaves: ["in", "out"], lines: [0, 0]),
        Case(
            title: "multipart without boundary", input: "Content-Type: multipart/mixed\n\n--b\n\nx\n--b--\n",
            outline: "text/plain", leaves: ["--b\n\nx\n--b--\n"], lines: [4]),
        Case(
            title: "multipart whose delimiter never comes", input: "Content-Type: multipart/mixed; boundary=b\n\nx\n",
            outline: "text/plain", leaves: ["x\n"], lines: [1]),
        Case(
            title: "multipart that only ends", input: "Content-Type: multipart/mixed; boundary=b\n\n--b--\nx\n",
            outline: "text/plain", leaves: ["--b--\nx\n"], lines: [2]),
        Case(
            title: "parts without header, empty parts",
            input: "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n\n--b\n--b\n\n--b--",
            outline: "mixed(text/plain text/plain text/plain)", leaves: ["", "", ""], lines: [0, 0, 0]),
        Case(
            title: "header of a part cut by the delimiter",
            input: "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n--b--",
            outline: "mixed(text/html)", leaves: [""], lines: [0]),
        Case(
            title: "boundary that begins like another",
            input: "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=bb\n\n"
                + "--bb\n\nin\n--bb--\n--b\n\nout\n--b--\n",
            outline: "mixed(mixed(text/plain) text/plain)", leaves: ["in", "out"], lines: [0, 0]),
        Case(
            title: "RFC 2046 §5.1.1: blanks behind the delimiter; text behind it is none",
            input: "Content-Type: multipart/mixed; boundary=\"b \"\n\n--b \t\n\none\n--bx\n--b-- \n",
            outline: "mixed(text/plain)", leaves: ["one\n--bx"], lines: [1]),
        Case(
            title: "delimiter that ends in hyphens",
            input: "Content-Type: multipart/mixed; boundary=\"b--\"\n\n--b--\n\none\n--b----\n",
            outline: "mixed(text/plain)", leaves: ["one"], lines: [0]),
        Case(
            title: "the same boundary in and out",
            input: "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=b\n\n"
                + "--b\n\none\n--b--\n--b\n\ntwo\n--b--\n",
            outline: "mixed(mixed(text/plain) text/plain)", leaves: ["one", "two"], lines: [0, 0]),
        Case(
            title: "message without anything in it",
            input: "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\n--b--",
            outline: "mixed(message(text/plain))", leaves: [""], lines: [0]),
        Case(
            title: "message that is a header",
            input: "Content-Type: message/rfc822\n\nSubject: x", outline: "message(text/plain)", leaves: [""],
            lines: [0]),
        Case(
            title: "Content-Type with comments, odd case and blanks",
            input:
                "CONTENT-TYPE: (a) MultiPart (b) / (c) MIXED ; (d) Boundary = (e) \"x\\y\" (f)\n\n--xy\n\none\n--xy--\n",
            outline: "mixed(text/plain)", leaves: ["one"], lines: [0]),
        Case(
            title: "NUL in a body", input: "A: b\n\na\u{0}b\n", outline: "text/plain", leaves: ["a\u{0}b\n"], lines: [1]
        ),
    ]

    @Test("The structure of odd messages, in CRLF and in bare LF", arguments: cases)
    func describes(_ c: Case) {
        for octets in [crlf(c.input), ByteBuffer(string: c.input)] {
            let message = Message(parsing: octets)
            var leaves: [Part] = []
            message.forEachPart {
                if $0.kind == .leaf { leaves.append($0) }
                return true
            }
            #expect(message.outline == c.outline, "\(c.title)")
            #expect(leaves.map { $0.encodedBody.text } == c.leaves, "\(c.title)")
            #expect(leaves.map(\.bodyLines) == c.lines, "\(c.title)")
            Invariants.check(message)
        }
    }

    @Test("Offsets count from the reader index of what is handed in")
    func startsAnywhere() {
        var octets = ByteBuffer(string: "rubbish")
        octets.moveReaderIndex(forwardBy: 7)
        octets.writeImmutableBuffer(crlf(Samples.alternative))
        #expect(Message(parsing: octets).section([1]) == "Plain")
    }

    @Test("A container at the bound of depth is opened, one past it described as opaque", arguments: [true, false])
    func boundsDepth(isMessage: Bool) {
        for (containers, inner) in [(99, "text/plain"), (100, "application/octet-stream")] {
            var text = ""
            for level in 0..<containers {
                text +=
                    isMessage
                    ? "Content-Type: message/rfc822\n\n"
                    : "Content-Type: multipart/mixed; boundary=b\(level)\n\n--b\(level)\n"
            }
            var depth = 0
            var part: Part? = message(text + "\nx").root
            var last = part
            while let current = part {
                depth += 1
                last = current
                part = current.children.first
            }
            #expect(depth == 100)
            #expect(last?.outline == inner)
        }
    }

    @Test("At the bound of parts all are described; one past it the rest is passed over")
    func boundsParts() {
        let head = "Content-Type: multipart/mixed; boundary=b\n\n"
        let four = head + String(repeating: "--b\n\nx\n", count: 4) + "--b--\nend\n"
        #expect(message(four, limits: ParseLimits(partsMax: 5)).root.children.count == 4)
        let cut = message(four, limits: ParseLimits(partsMax: 4))
        #expect(cut.root.children.count == 3 && cut.section([3]) == "x" && cut.section([4]) == nil)
        Invariants.check(cut)
        let many = message(head + String(repeating: "--b\n\n", count: 10_001))
        #expect(many.root.children.count == 9_999)
    }

    @Test("A boundary of 512 octets delimits, one of 513 does not")
    func boundsBoundaries() {
        for (length, outline) in [(512, "mixed(text/plain)"), (513, "text/plain")] {
            let boundary = String(repeating: "x", count: length)
            let text = "Content-Type: multipart/mixed; boundary=\(boundary)\n\n--\(boundary)\n\nx\n"
            #expect(message(text).outline == outline)
        }
    }

    @Test("Time is linear in the octets at every depth")
    func staysLinear() {
        var text = ""
        for level in 0..<98 { text += "Content-Type: multipart/mixed; boundary=\(level + 100)x\n\n--\(level + 100)x\n" }
        text += "\n" + String(repeating: "--999x\n", count: 20_000)
        #expect(ContinuousClock().measure { _ = message(text) } < .seconds(5))
    }
}
