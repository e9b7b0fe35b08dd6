/// What the index can be asked about a needle.
struct IndexQuestion: Sendable {
    /// Octets that a term of the text must hold.
    struct Part: Equatable, Sendable {
        var octets: [UInt8]
        /// The term begins with them: in the needle a separator stands before.
        var isStart: Bool
        /// The term ends with them.
        var isEnd: Bool
    }

    /// A text that holds the needle has terms for all of these.
    let parts: [Part]
    /// A text that has them holds the needle.
    let isProof: Bool

    /// The longest decide; the others would cost time and exclude little.
    private static let partsMax = 4

    /// Nil for a needle of separators alone.
    init?(_ needle: Needle) {
        var parts: [Part] = []
        var isWhole = false
        needle.octets.withUnsafeBytes { text in
            var position = 0
            while let range = Terms.next(in: text, &position) {
                isWhole = range.count == text.count
                // Of a longer one all that is sure is that one of its pieces holds this.
                let isLong = range.count > Terms.overlap
                if isLong { isWhole = false }
                parts.append(
                    Part(
                        octets: Array(text[range].prefix(Terms.overlap)), isStart: !isLong && range.lowerBound > 0,
                        isEnd: !isLong && range.upperBound < text.count))
            }
        }
        guard !parts.isEmpty else { return nil }
        isProof = isWhole
        parts.sort { $0.octets.count > $1.octets.count }
        self.parts = Array(parts.prefix(Self.partsMax))
    }
}
