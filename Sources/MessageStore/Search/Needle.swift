internal import CSys

/// A text to be found anywhere in others, without regard to case (RFC 3501 §6.4.4).
public struct Needle: Hashable, Sendable {
    /// Folded, UTF-8.
    public let octets: [UInt8]

    public init(_ text: String) { octets = CaseFolding.folded(text) }

    public var isEmpty: Bool { octets.isEmpty }

    /// Whether an index finds it without reading most of its terms.
    public var isSelective: Bool { IndexQuestion(self)?.parts.first.map { $0.octets.count > 4 } ?? false }

    /// - Parameter folded: UTF-8 as `CaseFolding` makes it.
    func isIn(_ folded: UnsafeRawBufferPointer) -> Bool {
        guard let hay = folded.baseAddress else { return octets.isEmpty }
        return csys_memmem(hay, folded.count, octets, octets.count) != nil
    }

    func isIn(_ folded: [UInt8]) -> Bool { folded.withUnsafeBytes { isIn($0) } }

    public func isIn(_ text: String) -> Bool { isIn(CaseFolding.folded(text)) }
}
