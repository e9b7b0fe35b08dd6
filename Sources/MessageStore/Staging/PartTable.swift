public import MIME

/// Where the parts of a message stand in its shared body, so that one section can be read without the rest.
public struct PartTable: Equatable, Sendable {
    struct Entry: Equatable, Sendable {
        /// `leaf`, `multipart` or `message`.
        var kind: UInt8
        var children: Int
        var header: Range<Int>
        var body: Range<Int>
        /// Entries of this one and all below it: the next sibling is that far.
        var span: Int
    }

    /// Containers before what is in them.
    var entries: [Entry]

    static let leaf: UInt8 = 0
    static let multipart: UInt8 = 1
    static let message: UInt8 = 2

    /// More parts than this are not kept.
    static let entriesMax = 1_000

    /// The place of a section in the shared body; nil when there is none, or when it is made of chosen fields.
    public func range(of path: SectionPath) -> Range<Int>? {
        guard !entries.isEmpty, let index = index(of: path.parts) else { return nil }
        let message = path.parts.isEmpty ? index : embedded(in: index)
        switch path.text {
        case nil where path.parts.isEmpty: return entries[index].header.lowerBound..<entries[index].body.upperBound
        case nil: return entries[index].body
        case .mime: return path.parts.isEmpty ? nil : entries[index].header
        case .header: return message.map { entries[$0].header }
        case .text: return message.map { entries[$0].body }
        case .headerFields, .headerFieldsNot: return nil
        }
    }

    /// The entry of these part numbers, as `MIME.Message.part` finds it.
    private func index(of numbers: [Int]) -> Int? {
        guard let first = numbers.first else { return 0 }
        var current = part(first, ofMessage: 0)
        for number in numbers.dropFirst() {
            guard let index = current else { return nil }
            switch entries[index].kind {
            case Self.multipart: current = child(number, of: index)
            case Self.message: current = embedded(in: index).flatMap { part(number, ofMessage: $0) }
            default: return nil
            }
        }
        return current
    }

    private func part(_ number: Int, ofMessage index: Int) -> Int? {
        if entries[index].kind == Self.multipart { return child(number, of: index) }
        return number == 1 ? index : nil
    }

    private func embedded(in index: Int) -> Int? {
        entries[index].kind == Self.message ? child(1, of: index) : nil
    }

    private func child(_ number: Int, of index: Int) -> Int? {
        guard number >= 1, number <= entries[index].children else { return nil }
        var child = index + 1
        for _ in 1..<number {
            guard child < entries.count else { return nil }
            child += entries[child].span
        }
        return child < entries.count ? child : nil
    }
}
