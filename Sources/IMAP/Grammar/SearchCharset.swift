import Glibc

/// The charset of the texts in one SEARCH (RFC 3501 §6.4.4).
struct SearchCharset: Equatable, Sendable {
    /// Upper case.
    let name: String

    /// Without CHARSET the texts are US-ASCII; UTF-8 is taken too, since clients send it so.
    static let unnamed = SearchCharset(trusted: "UTF-8")

    /// What BADCHARSET tells; the parts of ISO-8859 that exist.
    static let names = ["US-ASCII", "UTF-8"] + (1...16).filter { $0 != 12 }.map { "ISO-8859-\($0)" }

    init?(_ name: String) {
        let upper = name.uppercased()
        guard Self.names.contains(upper) else { return nil }
        self.name = upper
    }

    private init(trusted name: String) { self.name = name }

    /// The text in UTF-8; nil when these octets are none of this charset's.
    func text(_ octets: [UInt8]) -> String? {
        switch name {
        case "US-ASCII": octets.allSatisfy { $0 < 0x80 } ? String(decoding: octets, as: UTF8.self) : nil
        case "UTF-8": String(validating: octets, as: UTF8.self)
        default: octets.allSatisfy { $0 < 0x80 } ? String(decoding: octets, as: UTF8.self) : converted(octets)
        }
    }

    /// One octet a character, at most three octets of UTF-8 each.
    private func converted(_ octets: [UInt8]) -> String? {
        guard let descriptor = iconv_open("UTF-8", name), descriptor != iconv_t(bitPattern: -1) else { return nil }
        defer { iconv_close(descriptor) }
        var input = octets.map { CChar(bitPattern: $0) }
        let room = octets.count * 4
        var failed = false
        let output = [UInt8](unsafeUninitializedCapacity: room) { output, count in
            input.withUnsafeMutableBufferPointer { input in
                var from = input.baseAddress
                var fromLeft = input.count
                var into = UnsafeMutableRawPointer(output.baseAddress)?.assumingMemoryBound(to: CChar.self)
                var intoLeft = room
                failed = iconv(descriptor, &from, &fromLeft, &into, &intoLeft) == Int.max || fromLeft > 0
                count = room - intoLeft
            }
        }
        return failed ? nil : String(validating: output, as: UTF8.self)
    }
}
