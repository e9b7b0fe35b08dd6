import NIOCore

/// The unique-ids of some messages that follow each other (RFC 1939 §7), in one block of memory.
public struct UniqueIDs: Equatable, Sendable {
    private var text = ByteBuffer()
    /// Where each ends in `text`.
    private var ends: [UInt32] = []

    public init() {}

    public init(_ texts: some Sequence<String>) {
        for text in texts { append(text) }
    }

    public mutating func reserveCapacity(_ count: Int) {
        ends.reserveCapacity(count)
        text.reserveCapacity(count * 20)
    }

    /// Adds the next message's.
    ///
    ///     unique-id = 1*70 %x21-7E                         ; RFC 1939 §7
    ///
    /// What is outside that is made to fit: an octet that may not be becomes "_", and what is behind the 70th is left
    /// out.
    public mutating func append(_ identifier: String) {
        let octets = identifier.isEmpty ? "_".utf8 : identifier.utf8
        if octets.allSatisfy({ Self.allowed.contains($0) }), octets.count <= Self.octetsMax {
            text.writeString(identifier.isEmpty ? "_" : identifier)
        } else {
            text.writeBytes(octets.prefix(Self.octetsMax).map { Self.allowed.contains($0) ? $0 : UInt8(ascii: "_") })
        }
        ends.append(UInt32(text.writerIndex))
    }

    /// Adds the next message's: two numbers with a dot between them, as "uid-validity.uid".
    public mutating func append(_ first: UInt32, _ second: UInt32) {
        text.writeDecimal(UInt64(first))
        text.writeInteger(UInt8(ascii: "."))
        text.writeDecimal(UInt64(second))
        ends.append(UInt32(text.writerIndex))
    }

    public var count: Int { ends.count }

    /// Writes the unique-id in that place.
    func write(_ position: Int, into output: inout ByteBuffer) {
        let start = position == 0 ? 0 : Int(ends[position - 1])
        guard let view = text.viewBytes(at: start, length: Int(ends[position]) - start) else { return }
        output.writeBytes(view)
    }

    public static let octetsMax = 70
    private static let allowed: ClosedRange<UInt8> = 0x21...0x7e
}
