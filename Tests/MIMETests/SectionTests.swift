import MIME
import NIOCore
import Testing

@Suite struct SectionTests {
    static let cases: [([Int], SectionPath.Text?, String?)] = [
        ([1], nil, "part 1"),
        ([1], .mime, "Content-Type: text/plain\n\n"),
        ([1], .header, nil),
        ([1], .text, nil),
        ([1, 1], nil, nil),
        ([2], nil, "AAEC"),
        ([3], .header, "Subject: three\nContent-Type: multipart/mixed; boundary=i3\n\n"),
        ([3], .headerFields(["SUBJECT"]), "Subject: three\n\n"),
        ([3], .headerFieldsNot(["SUBJECT"]), "Content-Type: multipart/mixed; boundary=i3\n\n"),
        ([3], .headerFields(["X"]), "\n"),
        ([3], .mime, "Content-Type: message/rfc822\n\n"),
        ([3, 1], nil, "part 3.1"),
        ([3, 1], .mime, "\n"),
        ([3, 2], nil, "part 3.2"),
        ([3, 3], nil, nil),
        ([4, 1], nil, "part 4.1"),
        ([4, 2], .header, "Subject: four two\nContent-Type: multipart/alternative; boundary=i42\n\n"),
        ([4, 2, 1], nil, "part 4.2.1"),
        ([4, 2, 2], nil, "part 4.2.2"),
        ([4, 2, 2], .mime, "Content-Type: text/richtext\n\n"),
        ([4], .text, nil),
        ([5], nil, nil),
        ([0], nil, nil),
        ([-1], nil, nil),
        ([Int.max], nil, nil),
        ([], .mime, nil),
        ([], .header, "Subject: outer\nContent-Type: multipart/mixed; boundary=o\n\n"),
    ]

    @Test("RFC 9051 §6.4.5.1: the sections of its example", arguments: cases)
    func tells(_ path: [Int], _ text: SectionPath.Text?, _ expected: String?) {
        #expect(message(Samples.nested).section(path, text) == expected)
    }

    @Test("RFC 9051 §6.4.5.1: part 1 of what is no multipart is its body")
    func tellsOnlyPart() {
        let plain = message(Samples.plain)
        #expect(plain.section([1]) == "One\nTwo\n")
        #expect(plain.section([1], .mime) == plain.section([], .header))
        #expect(plain.section([1, 1]) == nil && plain.section([2]) == nil && plain.section([1], .text) == nil)
        let inner = message("Content-Type: message/rfc822\n\nSubject: in\n\nbody")
        #expect(inner.section([1]) == "Subject: in\n\nbody")
        #expect(inner.section([1], .header) == "Subject: in\n\n")
        #expect(inner.section([1], .text) == "body" && inner.section([1, 1]) == "body")
        #expect(inner.section([1, 1, 1]) == nil)
    }

    @Test("An account's own lines are in front of the whole and of HEADER, and nowhere else")
    func prepends() {
        let plain = message(Samples.plain)
        let prefix = "Return-Path: <a@x>\nSubject: mine\n"
        #expect(plain.section([], nil, prefix: prefix) == prefix + Samples.plain)
        #expect(plain.section([], .header, prefix: prefix)?.hasPrefix(prefix + "From: Ann") == true)
        #expect(plain.section([], .text, prefix: prefix) == "One\nTwo\n")
        #expect(plain.section([1], nil, prefix: prefix) == "One\nTwo\n")
        #expect(
            plain.section([], .headerFields(["subject", "return-path"]), prefix: prefix)
                == "Return-Path: <a@x>\nSubject: mine\nSubject: Hello\n\n")
        #expect(
            plain.section([], .headerFieldsNot(["from", "subject", "date", "message-id"]), prefix: prefix)
                == "Return-Path: <a@x>\nTo: bob@example.org\n\n")
        let octets = crlf(prefix).readableBytes
        #expect(plain.octetCount(of: .whole, prefixOctets: octets) == octets + crlf(Samples.plain).readableBytes)
        #expect(plain.octetCount(of: .text, prefixOctets: octets) == 10)
    }
}
