import NIOCore
import Testing

@testable import IMAP

@Suite struct NameTests {
    @Test(
        "RFC 3501 §5.1.3: modified UTF-7, both ways",
        arguments: [
            ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
            ("Entwürfe", "Entw&APw-rfe"),
            ("A&B", "A&-B"),
            ("&", "&-"),
            ("&&", "&-&-"),
            ("é&é", "&AOk-&-&AOk-"),
            ("a b", "a b"),
            ("\u{1F600}", "&2D3eAA-"),
            ("Отправленные", "&BB4EQgQ,BEAEMAQyBDsENQQ9BD0ESwQ1-"),
        ])
    func names(_ text: String, _ name: String) {
        #expect(String(decoding: ModifiedUTF7.encode(text), as: UTF8.self) == name)
        #expect(ModifiedUTF7.decode(Array(name.utf8)).map { String(decoding: $0, as: UTF8.self) } == text)
    }

    @Test(
        "RFC 3501 §5.1.3: one name has one spelling",
        arguments: [
            "&", "a&", "&AOk", "&AO-", "&AOl-", "&AGE-", "&2D0-", "&3gA-", "&AOk-&AOk-", "é", "&AO/k-", "&AOk=-",
            "a\u{7f}",
            "&A-", "&AOkAAAA-", "a\tb",
        ])
    func refuses(_ name: String) { #expect(ModifiedUTF7.decode(Array(name.utf8)) == nil) }

    @Test("any text goes there and back (2,000 texts, one seed)")
    func roundTrip() {
        var random = SplitMix(seed: 7)
        for _ in 0..<2_000 {
            var text = String.UnicodeScalarView()
            for _ in 0..<Int(random.next() % 12) {
                let value = [
                    UInt32(random.next() % 0x80), UInt32(random.next() % 0x800), UInt32(random.next() % 0x110000),
                ]
                if let scalar = Unicode.Scalar(value[Int(random.next() % 3)]) { text.append(scalar) }
            }
            let encoded = ModifiedUTF7.encode(String(text))
            #expect(ModifiedUTF7.decode(encoded) == Array(String(text).utf8))
        }
    }

    @Test("what decodes encodes to the same (20,000 mutated names, one seed)")
    func strictness() {
        var random = SplitMix(seed: 11)
        let octets = Array("&-,+/AaBkO2D3z a&&--".utf8)
        var decoded = 0
        for _ in 0..<20_000 {
            let name = (0..<Int(random.next() % 10)).map { _ in octets[Int(random.next() % UInt64(octets.count))] }
            guard let text = ModifiedUTF7.decode(name) else { continue }
            decoded += 1
            #expect(ModifiedUTF7.encode(String(decoding: text, as: UTF8.self)) == name)
        }
        #expect(decoded > 1_000)
    }

    @Test(
        "RFC 3501 §5.1: INBOX in any case, alone or as first level",
        arguments: [
            ("inbox", "INBOX"), ("InBox/a", "INBOX/a"), ("inboxes", "inboxes"), ("a/inbox", "a/inbox"), ("x", "x"),
        ])
    func inbox(_ written: String, _ name: String) { #expect(MailboxName(written)?.text == name) }

    @Test(
        "names that no mailbox can have",
        arguments: ["", "/", "a/", "/a", "a//b", "a\u{1}", "a\u{7f}", "a\u{85}", "\r\n"])
    func refusesNames(_ text: String) { #expect(MailboxName(text) == nil) }

    @Test("the bounds of a name: 1,024 octets and 32 levels, and one past each")
    func bounds() {
        #expect(MailboxName(String(repeating: "a", count: 1_024)) != nil)
        #expect(MailboxName(String(repeating: "a", count: 1_025)) == nil)
        #expect(MailboxName(Array(repeating: "a", count: 32).joined(separator: "/")) != nil)
        #expect(MailboxName(Array(repeating: "a", count: 33).joined(separator: "/")) == nil)
    }

    @Test("a tree of names: above, below, renamed")
    func tree() throws {
        let (top, name) = try (#require(MailboxName("a")), #require(MailboxName("a/b/c")))
        #expect(name.ancestors.map(\.text) == ["a", "a/b"])
        #expect(name.parent?.text == "a/b")
        #expect(top.parent == nil)
        #expect(name.isBelow(top))
        let beside = try #require(MailboxName("ab"))
        #expect(!beside.isBelow(top))
        #expect(!top.isBelow(top))
        let other = try #require(MailboxName("x/y"))
        #expect(name.moved(from: top, to: other)?.text == "x/y/b/c")
        #expect(top.moved(from: name, to: other) == nil)
    }

    @Test(
        "RFC 3501 §9: a name is written as atom, quoted, or in modified UTF-7",
        arguments: [
            ("INBOX", "INBOX"), ("a b", "\"a b\""), ("a\"b\\", "\"a\\\"b\\\\\""), ("Ü", "&ANw-"), ("a(b", "\"a(b\""),
            ("NIL", "\"NIL\""), ("a]b", "a]b"), ("100%", "\"100%\""),
        ])
    func writes(_ text: String, _ wire: String) throws {
        var output = ByteBuffer()
        output.writeMailbox(try #require(MailboxName(text)), utf8: false)
        #expect(String(buffer: output) == wire)
    }
}

/// Numbers that are the same in every run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
