import DNS
import MailCore
import Testing

@Suite struct RecordDataTests {
    private static func wire(_ labels: String...) -> [UInt8] {
        labels.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
    }

    static let names: [([UInt8], String?)] = [
        (wire("mx", "example", "org"), "mx.example.org"),
        (wire("_dmarc", "x/y"), "_dmarc.x/y"),
        ([0], ""),
        ([], nil),
        ([3, 0x61, 0x62], nil),
        ([3, 0x61, 0x62, 0x63], nil),
        (wire("a") + [0], nil),
        ([0xc0, 0x0c], nil),
        ([64] + [UInt8](repeating: 0x61, count: 64) + [0], nil),
        ([63] + [UInt8](repeating: 0x61, count: 63) + [0], String(repeating: "a", count: 63)),
        (wire("a.b"), nil),
        (wire("a b"), nil),
        (wire("a\0"), nil),
        (wire("a\u{e9}"), nil),
        (
            (0..<127).flatMap { _ in [1, 0x61] as [UInt8] } + [0],
            Array(repeating: "a", count: 127).joined(separator: ".")
        ),
        ((0..<128).flatMap { _ in [1, 0x61] as [UInt8] } + [0], nil),
    ]

    @Test("RFC 1035 §3.1: a name in RDATA", arguments: names)
    func name(_ data: [UInt8], _ expected: String?) {
        #expect(RecordData.name(data) == expected)
    }

    static let exchangers: [([UInt8], MailExchanger?)] = [
        ([0, 10] + wire("mx", "test"), MailExchanger(preference: 10, host: "mx.test")),
        ([255, 255, 0], MailExchanger(preference: 65_535, host: "")),
        ([0, 10], nil),
        ([0], nil),
        ([], nil),
        ([0, 10, 5, 0x61], nil),
    ]

    @Test("RFC 1035 §3.3.9: MX", arguments: exchangers)
    func mailExchanger(_ data: [UInt8], _ expected: MailExchanger?) {
        #expect(RecordData.mailExchanger(data) == expected)
    }

    static let texts: [([UInt8], String?)] = [
        ([3, 0x61, 0x62, 0x63], "abc"),
        ([1, 0x61, 0, 2, 0x20, 0x62], "a b"),
        ([0], ""),
        ([], nil),
        ([2, 0x61], nil),
        ([255] + [UInt8](repeating: 0x61, count: 255) + [1, 0x62], String(repeating: "a", count: 255) + "b"),
    ]

    @Test("RFC 7208 §3.3: the strings of TXT are joined without a space", arguments: texts)
    func text(_ data: [UInt8], _ expected: String?) {
        #expect(RecordData.text(data).map { String(decoding: $0, as: UTF8.self) } == expected)
    }

    @Test func addressesAndTLSA() {
        #expect(RecordData.ipv4([192, 0, 2, 1]) == IPAddress("192.0.2.1"))
        #expect(RecordData.ipv4([UInt8](repeating: 0, count: 16)) == nil)
        #expect(RecordData.ipv6([UInt8](repeating: 0, count: 16)) == IPAddress("::"))
        #expect(RecordData.ipv6([192, 0, 2, 1]) == nil)
        #expect(
            RecordData.tlsa([3, 1, 1, 0xab])
                == TLSARecord(certificateUsage: 3, selector: 1, matchingType: 1, associationData: [0xab]))
        #expect(RecordData.tlsa([3, 1, 1]) == nil)
    }

    static let queryable: [(String, Bool)] = [
        ("example.org", true), ("example.org.", true), (".", true), ("", false), ("a..b", false), (".a", false),
        ("..", false),
        (String(repeating: "a", count: 63) + ".b", true),
        (String(repeating: "a", count: 64) + ".b", false),
        (Array(repeating: "a", count: 127).joined(separator: "."), true),
        (Array(repeating: "a", count: 127).joined(separator: ".") + ".", true),
        (Array(repeating: "a", count: 128).joined(separator: "."), false),
        ("with space.%41.test", true),
    ]

    @Test("RFC 1035 §2.3.4: what can be a name", arguments: queryable)
    func isQueryable(_ name: String, _ expected: Bool) {
        #expect(DomainName.isQueryable(name) == expected)
    }
}
