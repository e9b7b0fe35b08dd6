/// Bounds of the parser. What lies past one is kept in the octets and in the sections, but not described.
public struct ParseLimits: Hashable, Sendable {
    /// Entities inside entities; a container that is nested deeper is described as `application/octet-stream`.
    public var depthMax: Int
    /// Entities in all, the message itself included; delimiters after the last of them are not looked at.
    public var partsMax: Int
    /// Octets of one header in which fields are listed.
    public var headerOctetsMax: Int
    /// Fields listed of one header.
    public var headerFieldsMax: Int

    public static let `default` = ParseLimits()

    public init(
        depthMax: Int = 100, partsMax: Int = 10_000, headerOctetsMax: Int = 1_048_576, headerFieldsMax: Int = 10_000
    ) {
        self.depthMax = depthMax
        self.partsMax = partsMax
        self.headerOctetsMax = headerOctetsMax
        self.headerFieldsMax = headerFieldsMax
    }
}
