import MailCore
import NIOCore
import Testing

@testable import Transport

@Suite("The PROXY protocol")
struct ProxyTests {
    struct Case: Sendable {
        var header: [UInt8]
        var outcome: ProxyHeader.Outcome

        init(_ header: String, _ outcome: ProxyHeader.Outcome) {
            self.header = Array(header.utf8)
            self.outcome = outcome
        }

        init(_ header: [UInt8], _ outcome: ProxyHeader.Outcome) {
            self.header = header
            self.outcome = outcome
        }
    }

    static let signature: [UInt8] = Array("\r\n\r\n\0\r\nQUIT\n".utf8)
    static let four: [UInt8] = [192, 0, 2, 7, 192, 0, 2, 1, 0x0f, 0xa0, 0, 25]
    static let six: [UInt8] =
        [0x20, 1, 0x0d, 0xb8] + [UInt8](repeating: 0, count: 11) + [7] + [UInt8](repeating: 0, count: 16) + [
            0, 1, 0, 25,
        ]
    static let client4 = ProxyHeader.Outcome.client(SocketEndpoint(host: "192.0.2.7", port: 4_000))

    static let cases = [
        Case("PROXY TCP4 192.0.2.7 192.0.2.1 4000 25\r\n", client4),
        Case("PROXY TCP6 2001:db8::7 ::1 4000 25\r\n", .client(SocketEndpoint(host: "2001:db8::7", port: 4_000))),
        Case("PROXY UNKNOWN\r\n", .client(nil)), Case("PROXY UNKNOWN a b c\r\n", .client(nil)),
        Case("PROXY TCP4 2001:db8::7 ::1 4000 25\r\n", .invalid), Case("PROXY TCP4 192.0.2.7\r\n", .invalid),
        Case("PROXY TCP4 192.0.2.7 192.0.2.1 70000 25\r\n", .invalid),
        Case("PROXY TCP4 192.0.2.7 192.0.2.1 4000 25\n", .invalid),
        Case("PROXY TCP4  192.0.2.7 192.0.2.1 4000 25\r\n", .invalid), Case("EHLO there\r\n", .invalid),
        Case("EHLO", .invalid), Case("PRO", .incomplete), Case("", .incomplete),
        Case("PROXY " + String(repeating: "x", count: 101), .invalid),
        Case(signature + [0x21, 0x11, 0, 12] + four, client4),
        // Extensions behind the addresses are passed over.
        Case(signature + [0x21, 0x11, 0, 15] + four + [4, 0, 0], client4),
        Case(signature + [0x21, 0x21, 0, 36] + six, .client(SocketEndpoint(host: "2001:db8::7", port: 1))),
        Case(signature + [0x20, 0, 0, 0], .client(nil)), Case(signature + [0x21, 0x31, 0, 1, 9], .client(nil)),
        Case(signature + [0x21, 0x11, 0, 11] + four.dropLast(), .invalid),
        Case(signature + [0x31, 0x11, 0, 12] + four, .invalid), Case(signature + [0x21, 0x11, 0xff, 0xff], .invalid),
        Case(signature + [0x21, 0x11, 0, 12] + four.dropLast(), .incomplete), Case(signature, .incomplete),
        Case(Array(signature.dropLast()), .incomplete),
    ]

    @Test("is read in both versions, whole or not at all, and leaves the client's octets", arguments: cases)
    func reads(_ c: Case) {
        var input = ByteBuffer(bytes: c.header)
        let isComplete = if case .client = c.outcome { true } else { false }
        if isComplete { input.writeString("EHLO") }
        #expect(ProxyHeader.read(&input) == c.outcome)
        if isComplete { #expect(String(buffer: input) == "EHLO") }
        guard isComplete else { return }
        for count in 0..<c.header.count {
            var part = ByteBuffer(bytes: c.header[..<count])
            #expect(ProxyHeader.read(&part) == .incomplete)
        }
    }
}
