import MIME
import MailCrypto
import NIOCore

/// A message's header as signatures see it: fields that are taken by name from the last to the first.
struct SignedHeader: Sendable {
    private let octets: [UInt8]
    private let fields: [Header.Field]
    /// Indices by lower-case name, from the top.
    private let indices: [String: [Int]]
    /// The parser met a bound: there are fields that we do not see.
    let isCut: Bool

    init(_ header: Header) {
        octets = Array(header.octets.readableBytesView.prefix(header.range.upperBound))
        fields = header.fields
        isCut = header.isCut
        var indices: [String: [Int]] = [:]
        for (index, field) in fields.enumerated() where !field.name.isEmpty {
            indices[Self.key(octets[field.name]), default: []].append(index)
        }
        self.indices = indices
    }

    /// From the top.
    ///
    /// - Parameter name: in lower case.
    func indices(named name: String) -> [Int] { indices[name] ?? [] }

    func field(at index: Int) -> FieldOctets {
        let field = fields[index]
        var line = octets[field.lines]
        if line.last == 0x0a { line.removeLast() }
        if line.last == 0x0d { line.removeLast() }
        return FieldOctets(name: octets[field.name], value: octets[field.value], line: line)
    }

    /// The fields with these names, each name taking the next from the bottom and nothing where there is none (RFC 6376
    /// §5.4.2).
    ///
    /// - Parameters:
    ///   - names: in lower case.
    ///   - index: of the signature's own field, which is never among them (§3.5).
    func fields(named names: [String], except index: Int? = nil) -> [FieldOctets] {
        var rest = Dictionary(uniqueKeysWithValues: Set(names).map { ($0, indices(named: $0).filter { $0 != index }) })
        return names.compactMap { rest[$0]?.popLast().map(field(at:)) }
    }

    private static func key(_ name: ArraySlice<UInt8>) -> String {
        String(decoding: name.map { $0.isASCIIUpper ? $0 | 0x20 : $0 }, as: UTF8.self)
    }
}
