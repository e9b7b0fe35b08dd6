public import NIOCore

/// A message, read once: its header, its MIME structure, and where each of them stands in the octets.
///
/// Never fails: what cannot be read is described as what it looks like. Linear in the octets; offsets count from the
/// first octet of the body as stored, without an account's own prefix.
public struct Message: Sendable {
    /// The message as stored, its reader index at 0.
    public let octets: ByteBuffer
    /// The message as an entity: its header, and its body as the one part or as container.
    public let root: Part

    public init(parsing octets: ByteBuffer, limits: ParseLimits = .default) {
        let octets = octets.slice()
        self.octets = octets
        root = octets.withOctets { view in
            var parser = StructureParser(octets: octets, view: view, limits: limits)
            return parser.message()
        }
    }

    public var header: Header { root.header }

    /// Octets of the header with its empty line.
    public var headerOctets: Int { root.header.range.count }

    /// Calls `body` for every entity, containers before what is in them; stops when it returns false.
    public func forEachPart(_ body: (Part) -> Bool) {
        _ = Self.visit(root, body)
    }

    private static func visit(_ part: Part, _ body: (Part) -> Bool) -> Bool {
        guard body(part) else { return false }
        return part.children.allSatisfy { visit($0, body) }
    }
}
