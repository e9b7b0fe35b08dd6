import NIOCore

/// A cursor over one whole command, its literals in place, without the CR LF at its end.
///
/// Every rule either takes what it matches or throws; nothing is read twice without a bound.
struct Parser: Sendable {
    let octets: [UInt8]
    private(set) var position = 0
    /// What the client has enabled.
    let features: Features
    /// The command's tag, once it was read: some responses name it (RFC 4466 §2.6.2).
    var commandTag = ""

    init(_ command: ByteBuffer, features: Features = []) {
        octets = Array(command.readableBytesView)
        self.features = features
    }

    var isAtEnd: Bool { position == octets.count }

    var next: UInt8? { position < octets.count ? octets[position] : nil }

    func expected(_ rule: String) -> SyntaxError { .expected(rule, at: position) }

    /// Takes this octet if it is next.
    mutating func take(_ octet: Unicode.Scalar) -> Bool {
        guard let next, UInt32(next) == octet.value else { return false }
        position += 1
        return true
    }

    mutating func require(_ octet: Unicode.Scalar) throws(SyntaxError) {
        guard take(octet) else { throw expected("\"\(octet)\"") }
    }

    mutating func space() throws(SyntaxError) {
        guard take(" ") else { throw expected("SP") }
    }

    func requireEnd() throws(SyntaxError) {
        guard isAtEnd else { throw expected("CRLF") }
    }

    /// Takes these octets if they are next, in upper or lower case (RFC 3501 §9: strings are case-insensitive).
    mutating func take(word: StaticString) -> Bool {
        let length = word.utf8CodeUnitCount
        guard octets.count - position >= length else { return false }
        let matches = word.withUTF8Buffer { wanted in
            for index in 0..<length where octets[position + index].uppercased != wanted[index].uppercased {
                return false
            }
            return true
        }
        if matches { position += length }
        return matches
    }

    /// Takes the longest run, perhaps empty, of octets of one class.
    mutating func run(where belongs: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        let start = position
        while position < octets.count, belongs(octets[position]) { position += 1 }
        return octets[start..<position]
    }

    /// Takes exactly so many octets, whatever they are.
    mutating func octets(count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, octets.count - position >= count else { return nil }
        defer { position += count }
        return octets[position..<(position + count)]
    }

    /// Goes back to where a rule with alternatives began.
    mutating func rewind(to earlier: Int) {
        guard (0...position).contains(earlier) else { return }
        position = earlier
    }
}

extension Parser {
    /// `atom = 1*ATOM-CHAR`, upper-cased: for words of the protocol.
    mutating func keyword(_ rule: String) throws(SyntaxError) -> String {
        let octets = run { $0.isAtomChar }
        guard !octets.isEmpty else { throw expected(rule) }
        return String(decoding: octets.map(\.uppercased), as: UTF8.self)
    }

    /// `atom = 1*ATOM-CHAR`, its case kept.
    mutating func atom(_ rule: String, octetsMax: Int = 255) throws(SyntaxError) -> String {
        let octets = run { $0.isAtomChar }
        guard !octets.isEmpty else { throw expected(rule) }
        guard octets.count <= octetsMax else { throw .limitExceeded("octets of \(rule)", max: octetsMax) }
        return String(decoding: octets, as: UTF8.self)
    }

    /// `number = 1*DIGIT`: unsigned 32-bit (RFC 3501 §9).
    mutating func number() throws(SyntaxError) -> UInt32 {
        guard let value = UInt32(exactly: try number64()) else { throw expected("number below 4294967296") }
        return value
    }

    /// `number64 = 1*DIGIT`: unsigned 63-bit (RFC 9051 §9).
    mutating func number64() throws(SyntaxError) -> Int64 {
        let digits = run { $0.isDigit }
        guard !digits.isEmpty else { throw expected("number") }
        var value: Int64 = 0
        for digit in digits {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(Int64(digit &- UInt8(ascii: "0")))
            guard !overflow, !carry else { throw expected("number below 9223372036854775808") }
            value = sum
        }
        return value
    }

    /// `nz-number = digit-nz *DIGIT`.
    mutating func nonZeroNumber(_ rule: String = "nz-number") throws(SyntaxError) -> UInt32 {
        let start = position
        guard let next, next.isDigit, next != UInt8(ascii: "0"), let value = UInt32(exactly: try number64()) else {
            throw .expected(rule, at: start)
        }
        return value
    }

    /// `"(" item *(SP item) ")"` with at most `max` items; an empty list is taken where `emptyAllowed`.
    mutating func list<Item>(
        of rule: String, max: Int, emptyAllowed: Bool = false,
        _ item: (inout Parser) throws(SyntaxError) -> Item
    ) throws(SyntaxError) -> [Item] {
        try require("(")
        if emptyAllowed, take(")") { return [] }
        var items: [Item] = []
        repeat {
            guard items.count < max else { throw .limitExceeded(rule, max: max) }
            items.append(try item(&self))
        } while take(" ")
        try require(")")
        return items
    }
}
