import Glibc
import MailCrypto
import Testing

@Suite struct SHA256Tests {
    static let vectors = [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ]

    @Test("FIPS 180-4: the known vectors, whole and octet by octet", arguments: vectors)
    func vector(text: String, expected: String) {
        #expect(SHA256.hash(text).description == expected)
        #expect(SHA256.hash(Array(text.utf8)).description == expected)
        var sha = SHA256()
        for octet in text.utf8 { sha.update([octet]) }
        #expect(sha.digest().description == expected)
    }

    @Test("FIPS 180-4: a million times a")
    func million() {
        let digest = SHA256.hash([UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000))
        #expect(digest.description == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test("A digest may be taken between pieces, and a copy goes its own way")
    func copies() {
        var first = SHA256()
        first.update(Array("ab".utf8))
        var second = first
        #expect(first.digest() == SHA256.hash("ab"))
        first.update(Array("c".utf8))
        second.update(Array("x".utf8))
        #expect(first.digest() == SHA256.hash("abc"))
        #expect(second.digest() == SHA256.hash("abx"))
    }

    @Test("A digest's text and octets come back; other lengths do not")
    func digestForms() throws {
        let digest = SHA256.hash("abc")
        #expect(SHA256.Digest(digest.octets) == digest)
        #expect(SHA256.Digest(hexadecimal: digest.description) == digest)
        #expect(SHA256.Digest(digest.octets.dropLast()) == nil)
        #expect(SHA256.Digest(digest.octets + [0]) == nil)
        #expect(SHA256.Digest(hexadecimal: digest.description.dropLast()) == nil)
    }

    @Test("A range of a file is hashed, above one piece too; a range past its end is an error")
    func file() throws {
        let content = (0..<600_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        var name = Array("/tmp/postino-sha256-XXXXXX".utf8CString)
        let descriptor = mkstemp(&name)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        unlink(name)
        #expect(write(descriptor, content, content.count) == content.count)
        for range in [0..<600_000, 0..<0, 17..<262_161, 599_999..<600_000] {
            let digest = try SHA256.hash(
                fileDescriptor: descriptor, offset: Int64(range.lowerBound), octets: Int64(range.count))
            #expect(digest == SHA256.hash(Array(content[range])))
        }
        #expect(throws: SHA256.FileFailure.endOfFile(atOffset: 600_000)) {
            try SHA256.hash(fileDescriptor: descriptor, offset: 1, octets: 600_000)
        }
        #expect(throws: SHA256.FileFailure.system(errno: EBADF)) {
            try SHA256.hash(fileDescriptor: -1, offset: 0, octets: 1)
        }
    }
}
