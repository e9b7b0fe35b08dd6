import FoundationEssentials

/// One JSON value a line.
public enum Line {
    /// The longest line that either side reads, with its newline.
    public static let octetsMax = 1 << 20

    /// JSON escapes every newline inside strings, so that the one at the end is the only one.
    public static func encode(_ value: some Encodable) throws -> [UInt8] {
        var octets = [UInt8](try JSONEncoder().encode(value))
        octets.append(UInt8(ascii: "\n"))
        return octets
    }

    /// - Parameter octets: a line, with or without its newline.
    public static func decode<Value: Decodable>(_ type: Value.Type, _ octets: [UInt8]) throws -> Value {
        try JSONDecoder().decode(type, from: Data(octets))
    }
}
