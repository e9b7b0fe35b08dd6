import MIME
import NIOCore

/// Messages that more than one suite looks at. Written with LF; `message` makes CRLF of it.
enum Samples {
    static let plain = """
        From: Ann <ann@example.org>
        To: bob@example.org
        Subject: Hello
        Date: Mon, 23 Nov 2026 21:02:54 +0100
        Message-ID: <1@example.org>

        One
        Two

        """

    static let alternative = """
        From: ann@example.org
        Subject: Two ways
        Content-Type: multipart/alternative; boundary="=_b"

        This is for old readers.
        --=_b
        Content-Type: text/plain; charset=utf-8

        Plain
        --=_b
        Content-Type: text/html

        <p>Rich</p>

        --=_b--
        The end.

        """

    /// RFC 9051 §6.4.5.1: the parts 1, 2, 3, 3.1, 3.2, 4, 4.1, 4.2, 4.2.1, 4.2.2 in its example.
    static let nested = """
        Subject: outer
        Content-Type: multipart/mixed; boundary=o

        --o
        Content-Type: text/plain

        part 1
        --o
        Content-Type: application/octet-stream
        Content-Transfer-Encoding: base64

        AAEC
        --o
        Content-Type: message/rfc822

        Subject: three
        Content-Type: multipart/mixed; boundary=i3

        --i3

        part 3.1
        --i3
        Content-Type: application/octet-stream

        part 3.2
        --i3--
        --o
        Content-Type: multipart/mixed; boundary=i4

        --i4
        Content-Type: image/gif

        part 4.1
        --i4
        Content-Type: message/rfc822

        Subject: four two
        Content-Type: multipart/alternative; boundary=i42

        --i42
        Content-Type: text/plain

        part 4.2.1
        --i42
        Content-Type: text/richtext

        part 4.2.2
        --i42--
        --i4--
        --o--

        """

    static let digest = """
        Content-Type: multipart/digest; boundary=d

        --d

        Subject: first

        body one
        --d
        Content-Type: text/plain

        no message
        --d--

        """

    static let attachment = """
        From: =?utf-8?Q?J=C3=B6rg?= <joerg@example.org>
        To: list: a@example.org, b@example.org;, c@example.org
        Subject: =?utf-8?B?R3LDvMOfZQ==?=
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary="----=_Part 1"

        ------=_Part 1
        Content-Type: text/html; charset=iso-8859-1
        Content-Transfer-Encoding: quoted-printable
        Content-Language: de, en

        <p>Gr=FC=DFe</p> <a href=3D"http://evil.example/x">x</a>
        ------=_Part 1
        Content-Type: application/pdf
        Content-Transfer-Encoding: base64
        Content-ID: <1@x>
        Content-Description: A file
        Content-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==
        Content-Location: http://example.org/x
        Content-Disposition: attachment; filename*0*=utf-8''Rechn; filename*1*=%C3%BCng; filename*2=".pdf"

        SGVsbG8sIFdvcmxkIQ==
        ------=_Part 1--

        """

    static let all = [plain, alternative, nested, digest, attachment]
}

/// The octets of a text in which every line ends in CRLF.
func crlf(_ text: String) -> ByteBuffer {
    var buffer = ByteBuffer()
    for line in text.utf8.split(separator: 10, omittingEmptySubsequences: false).enumerated() {
        if line.offset > 0 { buffer.writeStaticString("\r\n") }
        buffer.writeBytes(line.element)
    }
    return buffer
}

func message(_ text: String, limits: ParseLimits = .default) -> Message {
    Message(parsing: crlf(text), limits: limits)
}

extension Message {
    /// The octets of a section as a text with LF, for comparison.
    func section(_ parts: [Int], _ text: SectionPath.Text? = nil, prefix: String = "") -> String? {
        octets(of: SectionPath(parts: parts, text: text), prefix: crlf(prefix)).map { $0.text }
    }

    /// The structure in short: "mixed(text/plain message(text/plain))".
    var outline: String { root.outline }
}

extension Part {
    var outline: String {
        switch kind {
        case .leaf: "\(contentType.type)/\(contentType.subtype)"
        case .multipart: "\(contentType.subtype)(\(children.map(\.outline).joined(separator: " ")))"
        case .message: "message(\(children.map(\.outline).joined(separator: " ")))"
        }
    }
}

extension ByteBuffer {
    /// As UTF-8 with LF for CRLF.
    var text: String { String(String(buffer: self).map { $0 == "\r\n" ? "\n" : $0 }) }
}
