public import NIOCore

/// The header of a message or of a part: its fields in their order, as ranges of the octets they stand in.
public struct Header: Sendable {
    /// One field, and lines that should have been one.
    public struct Field: Hashable, Sendable {
        /// The name, without space before the colon; empty for a line that is no field at all.
        public var name: Range<Int>
        /// All behind the colon, folded as it stands, without the last line ending; the whole of a line without a name.
        public var value: Range<Int>
        /// The lines of the field with their endings.
        public var lines: Range<Int>
    }

    /// What the ranges count in: the whole message, its reader index at 0.
    public let octets: ByteBuffer
    /// From the first line to the end of the empty line behind the last field, if there is one (RFC 9051 §6.4.5.1).
    public internal(set) var range: Range<Int>
    public internal(set) var fields: [Field]
    /// A bound of `ParseLimits` was met: `fields` lacks the last ones.
    public internal(set) var isCut: Bool

    /// Reads the header that `octets` begin with.
    public init(parsing octets: ByteBuffer, limits: ParseLimits = .default) {
        let octets = octets.slice()
        self = octets.withOctets { view in
            var parser = StructureParser(octets: octets, view: view, limits: limits)
            return parser.header()
        }
    }

    init(octets: ByteBuffer, range: Range<Int>, fields: [Field] = [], isCut: Bool = false) {
        self.octets = octets
        self.range = range
        self.fields = fields
        self.isCut = isCut
    }

    /// The first field of that name, without regard to case.
    public func first(_ name: String) -> Field? {
        octets.withOctets { view in
            fields.first { view.equals($0.name, ignoringCaseOf: name) }
        }
    }

    /// All fields of that name in their order.
    public func all(_ name: String) -> [Field] {
        octets.withOctets { view in
            fields.filter { view.equals($0.name, ignoringCaseOf: name) }
        }
    }

    public func contains(_ name: String) -> Bool { first(name) != nil }

    /// The name as it is written.
    public func name(of field: Field) -> String {
        octets.withOctets { $0.string(field.name) }
    }

    /// The lines of the field with their endings.
    public func lines(of field: Field) -> ByteBuffer { octets.slice(field.lines) }

    /// The value as it stands, folded.
    public func value(of field: Field) -> ByteBuffer { octets.slice(field.value) }

    /// The value unfolded (RFC 5322 §2.2.3: line endings taken out), without space around it and without NUL.
    public func unfolded(_ field: Field) -> ByteBuffer {
        octets.withOctets { view in
            var start = field.value.lowerBound
            var end = field.value.upperBound
            while start < end, view[start].isBlank { start += 1 }
            while end > start, view[end - 1].isBlank { end -= 1 }
            let range = start..<end
            guard
                view.firstIndex(of: .lineFeed, in: range) != nil || view.firstIndex(of: 0, in: range) != nil
                    || view.firstIndex(of: .carriageReturn, in: range) != nil
            else { return octets.slice(range) }
            return ByteBuffer(bytes: view[range].lazy.filter { $0 != .lineFeed && $0 != .carriageReturn && $0 != 0 })
        }
    }

    /// The value of the first field of that name, unfolded; nil when there is none.
    public func unfolded(_ name: String) -> ByteBuffer? { first(name).map { unfolded($0) } }

    /// The value of the first field of that name, unfolded and with its encoded words decoded (RFC 2047).
    public func text(_ name: String) -> String? { unfolded(name).map { EncodedWords.decode($0) } }

    /// The lines of the header but for the empty one.
    public var linesRange: Range<Int> { range.lowerBound..<(fields.last?.lines.upperBound ?? range.lowerBound) }

    /// Cuts off what the delimiter behind an entity takes with it.
    mutating func clamp(to end: Int) {
        range = min(range.lowerBound, end)..<min(range.upperBound, end)
        while let last = fields.last, last.lines.upperBound > end {
            guard last.lines.lowerBound < end else {
                fields.removeLast()
                continue
            }
            fields[fields.count - 1] = Field(
                name: last.name.clamped(to: 0..<end), value: last.value.clamped(to: 0..<end),
                lines: last.lines.lowerBound..<end)
        }
    }
}
