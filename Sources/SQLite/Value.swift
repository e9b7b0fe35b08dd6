/// What a statement takes for one of its question marks.
public enum Value: Sendable, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral, ExpressibleByNilLiteral {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])

    public init(integerLiteral value: Int64) { self = .integer(value) }

    public init(stringLiteral value: String) { self = .text(value) }

    public init(nilLiteral: ()) { self = .null }

    public static func integer(_ value: Int) -> Value { .integer(Int64(value)) }

    public static func integer(_ value: UInt32) -> Value { .integer(Int64(value)) }

    /// 1 or 0.
    public static func boolean(_ value: Bool) -> Value { .integer(value ? 1 : 0) as Value }

    public static func optional(_ value: Int64?) -> Value { value.map { .integer($0) } ?? .null }

    public static func optional(_ value: String?) -> Value { value.map { .text($0) } ?? .null }
}
