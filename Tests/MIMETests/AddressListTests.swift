import MIME
import MailCore
import NIOCore
import Testing

@Suite struct AddressListTests {
    /// name|route|local|domain, "-" for nil; groups as "name:[...]".
    static let cases: [(String, String)] = [
        ("ann@example.org", "-|-|ann|example.org"),
        ("Ann <ann@example.org>", "Ann|-|ann|example.org"),
        ("\"Doe, Jane\" <jane@x>", "Doe, Jane|-|jane|x"),
        ("\"a \\\"b\\\\\" <q@x>", "a \"b\\|-|q|x"),
        ("a@x, b@y", "-|-|a|x; -|-|b|y"),
        (",, a@x ,, b@y ,", "-|-|a|x; -|-|b|y"),
        ("ann@x (Ann Lee)", "Ann Lee|-|ann|x"),
        ("(first) ann@x", "-|-|ann|x"),
        ("<ann@x> (Ann)", "Ann|-|ann|x"),
        ("Ann (who) <ann@x>", "Ann|-|ann|x"),
        ("(a (nested \\) one)) b@x", "-|-|b|x"),
        ("<@r1,@r2:ann@x>", "-|@r1,@r2|ann|x"),
        ("John Q. Public <jqp@x>", "John Q. Public|-|jqp|x"),
        ("=?utf-8?Q?J=C3=B6?= =?utf-8?Q?rg?= <j@x>", "=?utf-8?Q?J=C3=B6?= =?utf-8?Q?rg?=|-|j|x"),
        ("\"john doe\"@x", "-|-|john doe|x"),
        ("john . doe @ example . org", "-|-|john.doe|example.org"),
        ("a@[192.0.2.1]", "-|-|a|[192.0.2.1]"),
        ("<a@[IPv6:2001:db8::1]>", "-|-|a|[IPv6:2001:db8::1]"),
        ("undisclosed-recipients:;", "undisclosed-recipients:[]"),
        ("Friends: a@x, B <b@y>;, c@z", "Friends:[-|-|a|x; B|-|b|y]; -|-|c|z"),
        ("\"My, Group\": a@x", "My, Group:[-|-|a|x]"),
        ("A: b@x; B: c@y;", "A:[-|-|b|x]; B:[-|-|c|y]"),
        ("undisclosed", "-|-|undisclosed|"),
        ("Just Words", "-|-|Just Words|"),
        ("<>", ""),
        ("Nobody <>", "Nobody|-||"),
        ("Ann <ann@x", "Ann|-|ann|x"),
        ("ann@x Ann, b@y", "-|-|ann|x; -|-|b|y"),
        ("<a@x> <b@y>, c@z", "-|-|a|x; -|-|c|z"),
        ("[list] Foo <a@x>", "[list] Foo|-|a|x"),
        ("a@b@c", "-|-|a|b"),
        ("@", ""),
        ("", ""),
        (" \r\n ", ""),
        ("(only a comment)", ""),
        ("\"unclosed <a@x>", "-|-|unclosed <a@x>|"),
        ("(unclosed a@x", ""),
        (">)a@x", "-|-|a|x"),
        ("Ann\r\n\t<ann@x>", "Ann|-|ann|x"),
        ("A\u{0}B <a@x>", "A B|-|a|x"),
        ("\u{e4} <a@x>", "\u{e4}|-|a|x"),
        ("<a@x,b@y>", "-|-|a|x; -|-|b|y"),
    ]

    @Test("RFC 5322 §3.4, §4.4: addresses, groups, comments, routes, and what people write instead", arguments: cases)
    func reads(_ input: String, _ expected: String) {
        #expect(Self.text(AddressList(parsing: ByteBuffer(string: input))) == expected)
    }

    @Test("At the bound all are read, past it no more")
    func bounds() {
        #expect(AddressList(parsing: ByteBuffer(string: "a@x,b@x,c@x"), limit: 3).mailboxes.count == 3)
        #expect(AddressList(parsing: ByteBuffer(string: "a@x,b@x,c@x,d@x"), limit: 3).mailboxes.count == 3)
        let many = ByteBuffer(string: "G:" + String(repeating: "a@x,", count: 10_001))
        #expect(AddressList(parsing: many).mailboxes.count == AddressList.itemsMax - 1)
    }

    @Test("RFC 5322 §4.5.3: fields that occur twice are read as one")
    func joins() {
        let header = message("To: a@x\nCc: c@x\nTo: b@x\n\n").header
        #expect(Self.text(header.addresses("to")) == "-|-|a|x; -|-|b|x")
    }

    @Test("Display names decoded, addresses as mail is sent to")
    func converts() {
        let mailboxes = message(Samples.attachment).header.addresses("From").mailboxes
        #expect(mailboxes.map(\.name) == ["Jörg"])
        #expect(mailboxes.map { $0.address?.description } == ["joerg@example.org"])
    }

    @Test(
        "Time is linear in hostile fields", arguments: ["<@", "<@a,", "(", "\"", "a@[", "a:", "<", "@", ";", "=?a?q?x"])
    func staysLinear(_ piece: String) {
        let value = ByteBuffer(string: String(repeating: piece, count: 100_000 / piece.utf8.count))
        let duration = ContinuousClock().measure {
            _ = AddressList(parsing: value)
            _ = EncodedWords.decode(value)
            _ = MessageIDs.parse(value)
            _ = ContentType(parsing: value)
            _ = DateTime(parsing: value)
        }
        #expect(duration < .seconds(5))
    }

    static func text(_ list: AddressList) -> String {
        list.items.map { item in
            switch item {
            case .mailbox(let mailbox): text(mailbox)
            case .group(let name, let members):
                String(decoding: name, as: UTF8.self) + ":[\(members.map { text($0) }.joined(separator: "; "))]"
            }
        }.joined(separator: "; ")
    }

    static func text(_ mailbox: AddressList.Mailbox) -> String {
        [mailbox.displayName, mailbox.route, mailbox.localPart, mailbox.domain]
            .map { $0.map { String(decoding: $0, as: UTF8.self) } ?? "-" }.joined(separator: "|")
    }
}
