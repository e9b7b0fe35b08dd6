import MIME
import NIOCore
import Testing

/// What holds of every message, however broken.
enum Invariants {
    static func check(_ message: Message) {
        let count = message.octets.readableBytes
        #expect(message.root.range == 0..<count)
        #expect(message.octetCount(of: .whole) == count)
        #expect((message.octetCount(of: .header) ?? -1) + (message.octetCount(of: .text) ?? -1) == count)
        check(message.root, in: 0..<count)
        sections(message, message.root, path: [], isMessage: true)
    }

    /// Every range lies inside that of its container; header and body adjoin.
    private static func check(_ part: Part, in outer: Range<Int>) {
        #expect(part.header.range.upperBound == part.body.lowerBound)
        #expect(outer.lowerBound <= part.range.lowerBound && part.range.upperBound <= outer.upperBound)
        #expect(part.bodyLines <= part.body.count)
        #expect(part.bodyLines == part.encodedBody.readableBytesView.count { $0 == 10 })
        #expect((part.kind == .leaf) == part.children.isEmpty)
        var end = part.header.range.lowerBound
        for field in part.header.fields {
            #expect(field.lines.lowerBound == end && field.lines.upperBound <= part.header.range.upperBound)
            #expect(field.name.lowerBound == field.lines.lowerBound && field.name.upperBound <= field.lines.upperBound)
            #expect(field.value.lowerBound >= field.name.upperBound && field.value.upperBound <= field.lines.upperBound)
            end = field.lines.upperBound
        }
        if let embedded = part.embedded { #expect(embedded.range == part.body) }
        for child in part.children { check(child, in: part.body) }
    }

    /// Sections and structure tell the same octets.
    private static func sections(_ message: Message, _ part: Part, path: [Int], isMessage: Bool) {
        switch part.kind {
        case .multipart:
            for (index, child) in part.children.enumerated() {
                agree(message, child, path: path + [index + 1])
            }
            #expect(message.range(of: SectionPath(parts: path + [part.children.count + 1])) == nil)
        case .leaf, .message:
            if isMessage { agree(message, part, path: path + [1]) }
        }
    }

    private static func agree(_ message: Message, _ part: Part, path: [Int]) {
        #expect(message.range(of: SectionPath(parts: path)) == part.body)
        #expect(message.octets(of: SectionPath(parts: path))?.readableBytes == part.bodyOctets)
        #expect(message.range(of: SectionPath(parts: path, text: .mime)) == part.header.range)
        guard let embedded = part.embedded else {
            #expect(message.octets(of: SectionPath(parts: path, text: .header)) == nil)
            if part.kind == .multipart { sections(message, part, path: path, isMessage: false) }
            return
        }
        let header = message.range(of: SectionPath(parts: path, text: .header))
        let text = message.range(of: SectionPath(parts: path, text: .text))
        #expect(header == embedded.header.range && text == embedded.body)
        sections(message, embedded, path: path, isMessage: true)
    }
}
