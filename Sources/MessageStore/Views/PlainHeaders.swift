internal import MIME
public import NIOCore

/// A message's headers in US-ASCII, for a client that reads no other (RFC 6858): what stands where of its octets.
public struct PlainHeaders: Sendable {
    /// The account's own lines.
    public var prefix: ByteBuffer
    /// Parts of the shared body that read otherwise, ascending: the message's header first, then those of its parts.
    public var replaced: [(range: Range<Int>, octets: ByteBuffer)]

    /// Messages above this keep the headers of their parts as they are, since all of them would have to be in memory.
    public static let wholeOctetsMax = 16 << 20

    /// Nil when both are US-ASCII already.
    ///
    /// - Parameter header: that the shared body begins with, and its empty line.
    public init?(prefix: ByteBuffer, header: ByteBuffer) {
        let (plainPrefix, plainHeader) = (Header(parsing: prefix).inASCII(), Header(parsing: header).inASCII())
        guard plainPrefix != nil || plainHeader != nil else { return nil }
        self.prefix = plainPrefix ?? prefix
        replaced = plainHeader.map { [(range: 0..<header.readableBytes, octets: $0)] } ?? []
    }

    /// A range of the shared body as the client is to see it. Headers are within it or outside, never cut.
    public func octets(of range: Range<Int>, _ stored: ByteBuffer) -> ByteBuffer {
        var result = ByteBuffer()
        var position = range.lowerBound
        for piece in replaced
        where range.lowerBound <= piece.range.lowerBound && piece.range.upperBound <= range.upperBound {
            Self.copy(position..<piece.range.lowerBound, of: stored, from: range.lowerBound, to: &result)
            result.writeImmutableBuffer(piece.octets)
            position = piece.range.upperBound
        }
        Self.copy(position..<range.upperBound, of: stored, from: range.lowerBound, to: &result)
        return result
    }

    /// Whether anything in a range reads otherwise.
    public func touches(_ range: Range<Int>) -> Bool { replaced.contains { $0.range.overlaps(range) } }

    private static func copy(_ range: Range<Int>, of stored: ByteBuffer, from start: Int, to result: inout ByteBuffer) {
        let place = stored.readerIndex + range.lowerBound - start
        guard let slice = stored.getSlice(at: place, length: range.count) else { return }
        result.writeImmutableBuffer(slice)
    }
}

extension MessageStore {
    /// The headers of a message in US-ASCII; nil when its own header is that already, which is so but for few.
    ///
    /// - Parameter detail: with its prefix, its body, and its structure where the headers of parts matter.
    public func plainHeaders(of detail: MessageDetail) async throws(StoreError) -> PlainHeaders? {
        guard let body = detail.body else { return nil }
        let header = try await octets(of: body, range: 0..<min(detail.headerOctets, body.octetCount))
        guard var plain = PlainHeaders(prefix: detail.prefix, header: header) else { return nil }
        guard let parts = detail.parts, body.octetCount <= PlainHeaders.wholeOctetsMax else { return plain }
        for range in parts.partHeaders where !range.isEmpty {
            if let octets = Header(parsing: try await octets(of: body, range: range)).inASCII() {
                plain.replaced.append((range, octets))
            }
        }
        return plain
    }
}

extension PartTable {
    /// The headers of the parts, but not of what is inside of attached messages: those are content.
    fileprivate var partHeaders: [Range<Int>] {
        var ranges: [Range<Int>] = []
        var index = 1
        guard entries.first?.kind == Self.multipart else { return [] }
        while index < entries.count {
            ranges.append(entries[index].header)
            index += entries[index].kind == Self.message ? max(1, entries[index].span) : 1
        }
        return ranges
    }
}
