import CSys
import MailCrypto
import Testing

@Suite struct DigestTests {
    struct HMACCase: Sendable {
        var key: [UInt8]
        var message: [UInt8]
        var expected: String
    }

    static let hmacCases = [
        HMACCase(
            key: [UInt8](repeating: 0x0b, count: 20), message: Array("Hi There".utf8),
            expected: "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        HMACCase(
            key: Array("Jefe".utf8), message: Array("what do ya want for nothing?".utf8),
            expected: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        HMACCase(
            key: [UInt8](repeating: 0xaa, count: 20), message: [UInt8](repeating: 0xdd, count: 50),
            expected: "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
        HMACCase(
            key: [UInt8](repeating: 0xaa, count: 131),
            message: Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            expected: "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
    ]

    @Test("RFC 4231 §4.2, §4.3, §4.4, §4.7: HMAC-SHA-256; a key serves more than once", arguments: hmacCases)
    func hmac(_ c: HMACCase) {
        let hmac = HMACSHA256(key: c.key)
        #expect(hmac.authenticate(c.message).description == c.expected)
        #expect(hmac.authenticate(c.message).description == c.expected)
    }

    @Test(
        "RFC 3720 B.4: CRC-32C",
        arguments: [
            (Array("123456789".utf8), 0xe306_9283), ([], 0), ([UInt8](repeating: 0, count: 32), 0x8a91_36aa),
            ([UInt8](repeating: 0xff, count: 32), 0x62a8_ab43), (Array(0...31), 0x46dd_794e),
            ((0...31).reversed(), 0x113f_db5c),
        ] as [([UInt8], UInt32)])
    func crc32c(octets: [UInt8], expected: UInt32) {
        #expect(CRC32C.checksum(octets) == expected)
        for cut in 0...octets.count {
            let first = CRC32C.checksum(Array(octets[..<cut]))
            #expect(CRC32C.checksum(Array(octets[cut...]), continuing: first) == expected)
        }
    }

    @Test("CRC-32C by the machine's instruction is that of the table, at any length and offset")
    func checksumByTable() {
        let octets = Random.octets(300)
        octets.withUnsafeBytes { all in
            for start in 0..<17 {
                for count in 0..<(all.count - start) {
                    let part = UnsafeRawBufferPointer(rebasing: all[start..<start + count])
                    #expect(
                        CRC32C.checksum(part, continuing: 7) == csys_crc32c_by_table(7, part.baseAddress, part.count))
                }
            }
        }
    }

    @Test("Comparison in constant time says what == says")
    func constantTime() {
        #expect(ConstantTime.isEqual([], []))
        #expect(ConstantTime.isEqual([1, 2, 3], [1, 2, 3]))
        #expect(!ConstantTime.isEqual([1, 2, 3], [1, 2, 4]))
        #expect(!ConstantTime.isEqual([1, 2, 3], [1, 2]))
        #expect(ConstantTime.isEqual(SHA256.hash("a"), SHA256.hash("a")))
        #expect(!ConstantTime.isEqual(SHA256.hash("a"), SHA256.hash("b")))
    }

    @Test("Random octets come in the number wanted and differ")
    func random() {
        #expect(Random.octets(0).isEmpty)
        #expect(Random.octets(32).count == 32)
        #expect(Random.octets(32) != Random.octets(32))
        #expect(Set((0..<100).map { _ in Random.uint64() }).count == 100)
    }

    @Test("Hexadecimal text comes back; odd lengths and other signs do not")
    func hexadecimal() {
        let octets = (0...255).map { UInt8($0) }
        #expect(Hexadecimal.decode(Hexadecimal.encode(octets)) == octets)
        #expect(Hexadecimal.encode([0x00, 0x9f, 0xff]) == "009fff")
        #expect(Hexadecimal.decode("00AFff") == [0x00, 0xaf, 0xff])
        #expect(Hexadecimal.decode("") == [])
        for text in ["0", "0g", "00 ", "0x00", "\u{e9}"] { #expect(Hexadecimal.decode(text) == nil) }
    }

    @Test("RFC 4648 §10: base64, and what is not in its one spelling is refused")
    func base64() {
        for (value, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            #expect(Base64.encode(Array(value.utf8)) == text)
            #expect(Base64.decode(text) == Array(value.utf8))
        }
        let octets = (0...255).map { UInt8($0) }
        #expect(Base64.decode(Base64.encode(octets)) == octets)
        for text in ["Zg", "Zg=", "Zh==", "=", "====", "Z===", " Zg==", "Zg==\n", "Zg==Zg==", "Zm9-", "    "] {
            #expect(Base64.decode(text) == nil)
        }
    }
}
