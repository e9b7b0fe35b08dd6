internal import MailCore
public import NIOCore

/// Messages of a page with what is kept ready to send beside the narrow row. Their octets stand in one buffer, so that a
/// page of 1,000 costs a few allocations, and not a few thousand.
public struct DetailPage: Sendable {
    public struct Entry: Sendable {
        public var summary: MessageSummary
        public var threadID: Int64 = 0
        /// Places in `octets`: `ENVELOPE`'s value.
        public var envelope = 0..<0
        /// `BODY`'s and `BODYSTRUCTURE`'s values.
        public var bodyStructureBasic = 0..<0
        public var bodyStructure = 0..<0
        /// Lines of the fields that `HeaderFields.names` lists; nil where they were too long to keep.
        public var headerFields: Range<Int>?
        public var preview = 0..<0
        /// The account's own header lines.
        public var prefix = 0..<0

        init(_ summary: MessageSummary) { self.summary = summary }
    }

    /// Ascending by UID.
    public internal(set) var entries: [Entry] = []
    public internal(set) var octets = ByteBuffer()

    /// The octets of a place, without a copy; valid inside `body` only.
    public func withOctets<Outcome>(
        _ place: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Outcome
    ) rethrows -> Outcome {
        try octets.withUnsafeReadableBytes { all in
            try body(UnsafeRawBufferPointer(rebasing: all[place.clamped(to: 0..<all.count)]))
        }
    }

    /// Copies octets in; where they stand now.
    mutating func keep(_ octets: UnsafeRawBufferPointer) -> Range<Int> {
        let start = self.octets.writerIndex
        self.octets.writeBytes(octets)
        return start..<self.octets.writerIndex
    }
}
