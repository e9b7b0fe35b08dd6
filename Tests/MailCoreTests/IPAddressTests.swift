import MailCore
import Testing

@Suite struct IPAddressTests {
    static let texts: [(String, String?)] = [
        ("192.0.2.1", "192.0.2.1"),
        ("0.0.0.0", "0.0.0.0"),
        ("255.255.255.255", "255.255.255.255"),
        ("256.0.0.1", nil),
        ("1.2.3", nil),
        ("1.2.3.4.5", nil),
        ("1.2.3.04", nil),
        ("1.2.3.", nil),
        ("1.2.3.4 ", nil),
        ("1.2.3.-4", nil),
        ("999999999999.1.1.1", nil),
        ("", nil),
        (":", nil),
        (":::", nil),
        ("::", "::"),
        ("::1", "::1"),
        ("1::", "1::"),
        ("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        ("2001:db8::192.0.2.33", "2001:db8::c000:221"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::FFFF:c000:201", "192.0.2.1"),
        ("::192.0.2.1", "::c000:201"),
        ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
        ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"),
        ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
        ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
        ("1:2:3:4:5:6:7:8::", nil),
        ("1:2:3:4::5:6:7:8", nil),
        ("1:2:3:4:5:6:7", nil),
        ("1:2:3:4:5:6:7:8:9", nil),
        ("1::2::3", nil),
        (":1:2:3:4:5:6:7:8", nil),
        ("1:2:3:4:5:6:7:", nil),
        ("12345::", nil),
        ("g::", nil),
        ("fe80::1%eth0", nil),
        ("1.2.3.4::", nil),
        ("::1.2.3.4:5", nil),
        (String(repeating: "1:", count: 40), nil),
    ]

    @Test("RFC 4291 §2.2, RFC 5952 §4: the text of an address, and its canonical form", arguments: texts)
    func reads(_ text: String, _ expected: String?) {
        #expect(IPAddress(text)?.description == expected)
    }

    @Test("Octets of an A or AAAA record make an address and come back; mapped ones are IPv4")
    func octets() {
        #expect(IPAddress(octets: [192, 0, 2, 1])?.octets == [192, 0, 2, 1])
        let six: [UInt8] = [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 1]
        #expect(IPAddress(octets: six)?.octets == six)
        #expect(IPAddress(octets: Array(repeating: 0, count: 10) + [255, 255, 10, 0, 0, 1]) == IPAddress("10.0.0.1"))
        #expect(IPAddress(octets: [1, 2, 3]) == nil)
        #expect(IPAddress(octets: [] as [UInt8]) == nil)
    }

    @Test("RFC 1035 §3.5, RFC 3596 §2.5: the name for a reverse look-up")
    func reverse() throws {
        #expect(try #require(IPAddress("192.0.2.9")).reverseName == "9.2.0.192.in-addr.arpa")
        #expect(
            try #require(IPAddress("2001:db8::567:89ab")).reverseName
                == "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa")
    }

    static let ranges: [(String, String, Bool)] = [
        ("192.0.2.0/24", "192.0.2.255", true),
        ("192.0.2.0/24", "192.0.3.0", false),
        ("192.0.2.77/24", "192.0.2.1", true),
        ("192.0.2.0/31", "192.0.2.1", true),
        ("192.0.2.0/31", "192.0.2.2", false),
        ("192.0.2.1", "192.0.2.1", true),
        ("192.0.2.1/32", "192.0.2.0", false),
        ("0.0.0.0/0", "255.1.2.3", true),
        ("0.0.0.0/0", "2001:db8::1", false),
        ("::/0", "2001:db8::1", true),
        ("::/0", "192.0.2.1", false),
        ("2001:db8::/32", "2001:db8:ffff::1", true),
        ("2001:db8::/33", "2001:db8:ffff::1", false),
        ("2001:db8::/64", "2001:db8::ffff:0:0:1", true),
        ("2001:db8::/65", "2001:db8::8000:0:0:1", false),
        ("2001:db8::1/128", "2001:db8::1", true),
        ("2001:db8::1/127", "2001:db8::", true),
        ("2001:db8::1/128", "2001:db8::", false),
        ("192.0.2.0/24", "::ffff:192.0.2.5", true),
    ]

    @Test("RFC 4632 §3.1: an address is inside a network when the first bits agree", arguments: ranges)
    func contains(_ network: String, _ address: String, _ expected: Bool) throws {
        #expect(try #require(IPNetwork(network)).contains(try #require(IPAddress(address))) == expected)
    }

    @Test(
        "A network with a bad length is none",
        arguments: ["1.2.3.4/33", "::/129", "1.2.3.4/", "1.2.3.4/-1", "/8", "1.2.3.4/+8"])
    func refuses(_ text: String) {
        #expect(IPNetwork(text) == nil)
    }

    @Test func loopback() throws {
        #expect(try #require(IPAddress("127.9.9.9")).isLoopback)
        #expect(try #require(IPAddress("::1")).isLoopback)
        #expect(!(try #require(IPAddress("128.0.0.1")).isLoopback))
    }
}
