import NIOCore
import SASL
import Testing

@Suite struct Base64Tests {
    @Test(
        "RFC 4648 §10: the test vectors, both ways",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ])
    func vectors(value: String, text: String) throws {
        #expect(Base64.encode(value.utf8) == Array(text.utf8))
        #expect(try Base64.decode(text.utf8, octetsMax: 6) == Array(value.utf8))
    }

    @Test("Every octet in every place comes back")
    func allOctets() throws {
        let octets = (0...255).map { UInt8($0) }
        for skipped in 0...3 {
            let value = Array(octets.dropFirst(skipped))
            #expect(try Base64.decode(Base64.encode(value), octetsMax: 256) == value)
        }
    }

    @Test(
        "RFC 4648 §3.2, §3.3, §3.5: padding, alphabet and idle bits are held to",
        arguments: [
            "Z", "Zg", "Zg=", "Zm8", "=", "==", "===", "====", "Z===", "Zg==Zg==", "Zm=v", "Zh==", "Zm9=", "Zm9v====",
            "Zm 9", "Zm9v\r\n", "Zm9-", "Zm9_", "Zm9\u{e9}", "*",
        ])
    func malformed(text: String) {
        #expect(throws: Base64.Failure.malformed) { try Base64.decode(text.utf8, octetsMax: 100) }
    }

    @Test("A value at the bound is taken and one past it is not", arguments: 1...9)
    func bound(octets: Int) throws {
        let text = Base64.encode([UInt8](repeating: 7, count: octets))
        #expect(try Base64.decode(text, octetsMax: octets).count == octets)
        #expect(throws: Base64.Failure.tooLong) { try Base64.decode(text, octetsMax: octets - 1) }
    }

    @Test("A challenge is written behind what the buffer holds")
    func intoBuffer() {
        var buffer = ByteBuffer(string: "334 ")
        Base64.encode("Username:".utf8, into: &buffer)
        #expect(buffer == ByteBuffer(string: "334 VXNlcm5hbWU6"))
    }
}
