import MIME
import NIOCore
import Testing

@Suite struct HeaderTests {
    struct Case: Sendable {
        var input: String
        /// Name and unfolded value of each field.
        var fields: [[String]]
        var headerOctets: Int
    }

    static let cases = [
        Case(input: "A: b\r\nC:d\r\n\r\nbody", fields: [["A", "b"], ["C", "d"]], headerOctets: 13),
        Case(input: "A: b\nC: d\n\nbody", fields: [["A", "b"], ["C", "d"]], headerOctets: 11),
        Case(input: "A: b\r\n\tc\r\n  d\r\n\r\n", fields: [["A", "b\tc  d"]], headerOctets: 17),
        Case(input: "A : b\r\n\r\n", fields: [["A", "b"]], headerOctets: 9),  // RFC 5322 §4.5.8
        Case(input: "", fields: [], headerOctets: 0),
        Case(input: "\r\nbody", fields: [], headerOctets: 2),
        Case(input: "\nbody", fields: [], headerOctets: 1),
        Case(input: "A: b", fields: [["A", "b"]], headerOctets: 4),
        Case(input: "A: b\r\n", fields: [["A", "b"]], headerOctets: 6),
        Case(input: "A:\r\n\r\n", fields: [["A", ""]], headerOctets: 6),
        Case(input: "A: \r\n \r\n\r\nx", fields: [["A", ""]], headerOctets: 10),
        Case(input: " x\r\nA: b\r\n\r\n", fields: [["", "x"], ["A", "b"]], headerOctets: 12),
        Case(input: "no field\r\nA: b\r\n\r\n", fields: [["", "no field"], ["A", "b"]], headerOctets: 18),
        Case(
            input: "From x@y Mon Nov 23 21:02:54 2026\nA: b\n\n",
            fields: [["", "From x@y Mon Nov 23 21:02:54 2026"], ["A", "b"]], headerOctets: 40),
        Case(input: ": b\r\nA: c\r\n\r\n", fields: [["", ": b"], ["A", "c"]], headerOctets: 13),
        Case(input: "A: b\u{0}c\r\n\r\n", fields: [["A", "bc"]], headerOctets: 10),
        Case(input: "A: b\rc\r\n\r\n", fields: [["A", "bc"]], headerOctets: 10),
        Case(input: "A: b\r\r\n\r\nx", fields: [["A", "b"]], headerOctets: 9),
    ]

    @Test("RFC 5322 §2.2, §4.5: fields, folding, and lines that are none", arguments: cases)
    func reads(_ c: Case) {
        let message = Message(parsing: ByteBuffer(string: c.input))
        let header = message.header
        #expect(header.fields.map { [header.name(of: $0), String(buffer: header.unfolded($0))] } == c.fields)
        #expect(message.headerOctets == c.headerOctets)
        let alone = Header(parsing: ByteBuffer(string: c.input))
        #expect(alone.fields == header.fields && alone.range == header.range)
    }

    @Test("Names are found without regard to case, the first first")
    func finds() {
        let header = message("Received: 1\nTO: x\nreceived: 2\n\n").header
        #expect(header.all("RECEIVED").map { String(buffer: header.unfolded($0)) } == ["1", "2"])
        #expect(header.unfolded("To").map { String(buffer: $0) } == "x")
        #expect(header.first("T") == nil && header.first("") == nil && !header.contains("Cc"))
    }

    @Test("RFC 9051 §6.4.5.1: chosen fields in the order of the header, with their folding")
    func chooses() {
        let header = message("A: 1\nb: 2\n  x\nrubbish\na: 3\nC: 4\n\n").header
        #expect(header.lines(named: ["B", "a", "zz"]).text == "A: 1\nb: 2\n  x\na: 3\n")
        #expect(header.lines(notNamed: ["a", "B", ""]).text == "rubbish\nC: 4\n")
    }

    @Test("A last line without ending gets one when fields are chosen")
    func completes() {
        let header = Header(parsing: ByteBuffer(string: "A: 1\r\nB: 2"))
        #expect(String(buffer: header.lines(named: ["b"])) == "B: 2\r\n")
    }

    @Test("At the bound of fields all are listed; one past it the rest is left out and said")
    func boundsFields() {
        let four = message("A: 1\nB: 2\nC: 3\nD: 4\n x\n\nbody", limits: ParseLimits(headerFieldsMax: 4))
        #expect(four.header.fields.count == 4 && !four.header.isCut)
        let three = message("A: 1\nB: 2\nC: 3\nD: 4\n x\n\nbody", limits: ParseLimits(headerFieldsMax: 3))
        #expect(three.header.fields.count == 3 && three.header.isCut)
        #expect(three.header.range == four.header.range && three.root.body == four.root.body)
        #expect(String(buffer: three.header.unfolded(three.header.fields[2])) == "3")
    }

    @Test("Fields behind the bound of octets are not listed")
    func boundsOctets() {
        let text = "A: 1\nB: 2\nC: 3\n\nbody"
        #expect(!message(text, limits: ParseLimits(headerOctetsMax: 20)).header.isCut)
        let cut = message(text, limits: ParseLimits(headerOctetsMax: 11)).header
        #expect(cut.isCut && cut.fields.count == 2 && cut.range == 0..<20)
    }

    @Test(
        "RFC 5322 §3.6.4: message identifiers",
        arguments: [
            ("<a@x>", ["a@x"]),
            ("<a@x> (c) <b@x>\r\n <c@x>", ["a@x", "b@x", "c@x"]),
            ("<a\r\n @x>", ["a@x"]),
            ("a@x", ["a@x"]),
            ("Your letter of <a@x", []),
            ("nothing", []),
            ("<> < >", []),
            ("", []),
        ])
    func identifies(_ input: String, _ expected: [String]) {
        #expect(MessageIDs.parse(ByteBuffer(string: input)) == expected)
    }

    @Test("Message identifiers are bounded")
    func boundsIdentifiers() {
        let many = ByteBuffer(string: String(repeating: "<a@x>", count: 1001))
        #expect(MessageIDs.parse(many).count == 1000)
        let long = String(repeating: "a", count: 998)
        #expect(MessageIDs.parse(ByteBuffer(string: "<\(long)>")) == [long])
        #expect(MessageIDs.parse(ByteBuffer(string: "<\(long)a>")) == [])
    }
}
