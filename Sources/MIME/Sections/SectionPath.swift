/// What of a message is meant (RFC 9051 §6.4.5.1 `section-spec`).
public struct SectionPath: Hashable, Sendable {
    public enum Text: Hashable, Sendable {
        case header
        case headerFields([String])
        case headerFieldsNot([String])
        case text
        /// Only behind part numbers.
        case mime
    }

    /// Part numbers from the outside in, each from 1; empty for the message itself.
    public var parts: [Int]
    /// Nil: the body of the part, or the whole message.
    public var text: Text?

    public init(parts: [Int] = [], text: Text? = nil) {
        self.parts = parts
        self.text = text
    }

    public static let whole = SectionPath()
    public static let header = SectionPath(text: .header)
    public static let text = SectionPath(text: .text)
}
