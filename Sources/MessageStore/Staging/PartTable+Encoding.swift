internal import MIME
internal import NIOCore

extension PartTable {
    /// Nil when there are more parts than are kept.
    init?(_ message: MIME.Message) {
        entries = []
        guard add(message.root) != nil else { return nil }
    }

    /// The span of what was added; nil past the bound. The depth is that of the parser's limit.
    private mutating func add(_ part: MIME.Part) -> Int? {
        guard entries.count < Self.entriesMax else { return nil }
        let index = entries.count
        let kind =
            switch part.kind {
            case .leaf: Self.leaf
            case .multipart: Self.multipart
            case .message: Self.message
            }
        entries.append(
            Entry(kind: kind, children: part.children.count, header: part.header.range, body: part.body, span: 1))
        for child in part.children {
            guard let span = add(child) else { return nil }
            entries[index].span += span
        }
        return entries[index].span
    }

    /// count (2), then for each kind (1), children (2), start and end of header and body (5 each)
    func encode(into buffer: inout ByteBuffer) {
        buffer.writeInteger(UInt16(clamping: entries.count))
        for entry in entries {
            buffer.writeInteger(entry.kind)
            buffer.writeInteger(UInt16(clamping: entry.children))
            for place in [
                entry.header.lowerBound, entry.header.upperBound, entry.body.lowerBound, entry.body.upperBound,
            ] {
                buffer.writeInteger(UInt8(truncatingIfNeeded: place >> 32))
                buffer.writeInteger(UInt32(truncatingIfNeeded: place))
            }
        }
    }

    /// Nil when there is no table, or none that makes sense.
    init?(decoding buffer: inout ByteBuffer) {
        guard let count = buffer.readInteger(as: UInt16.self), count > 0, count <= Self.entriesMax else { return nil }
        entries = []
        for _ in 0..<count {
            guard let kind = buffer.readInteger(as: UInt8.self), let children = buffer.readInteger(as: UInt16.self),
                let header = Self.range(&buffer), let body = Self.range(&buffer)
            else { return nil }
            entries.append(Entry(kind: kind, children: Int(children), header: header, body: body, span: 1))
        }
        // From the end, so that what is below an entry has its span already.
        for index in entries.indices.reversed() {
            var next = index + 1
            for _ in 0..<entries[index].children {
                guard next < entries.count else { return nil }
                next += entries[next].span
            }
            entries[index].span = next - index
        }
    }

    private static func range(_ buffer: inout ByteBuffer) -> Range<Int>? {
        guard let start = place(&buffer), let end = place(&buffer), start <= end else { return nil }
        return start..<end
    }

    private static func place(_ buffer: inout ByteBuffer) -> Int? {
        guard let high = buffer.readInteger(as: UInt8.self), let low = buffer.readInteger(as: UInt32.self) else {
            return nil
        }
        return Int(high) << 32 | Int(low)
    }
}
