/// Takes HTML apart into text and tags; forgives everything, and is linear.
struct HTMLTokenizer {
    enum Token {
        case text(Range<Int>)
        /// The names as written; attributes without the closing bracket.
        case startTag(name: Range<Int>, attributes: Range<Int>)
        case endTag(name: Range<Int>)
    }

    let view: Octets
    private var position = 0
    /// Set inside an element whose content is no markup.
    private var rawTextName: Range<Int>?

    init(_ view: Octets) { self.view = view }

    mutating func next() -> Token? {
        while position < view.count {
            if let name = rawTextName {
                rawTextName = nil
                skipRawText(name)
                continue
            }
            let start = position
            guard view[start] == UInt8(ascii: "<") else {
                position = view.firstIndex(of: UInt8(ascii: "<"), in: start..<view.count) ?? view.count
                return .text(start..<position)
            }
            switch view[start + 1] {
            case UInt8(ascii: "!"), UInt8(ascii: "?"): skipDeclaration()
            case UInt8(ascii: "/") where view[start + 2].isLetter:
                position = start + 2
                let name = tagName()
                _ = attributes()
                return .endTag(name: name)
            case let octet where octet.isLetter:
                position = start + 1
                let name = tagName()
                let attributes = attributes()
                if isRawText(name) { rawTextName = name }
                return .startTag(name: name, attributes: attributes)
            default:
                position = start + 1
                return .text(start..<position)
            }
        }
        return nil
    }

    private mutating func tagName() -> Range<Int> {
        let start = position
        while position < view.count {
            let octet = view[position]
            if octet.isBlank || octet == 0x0c || octet == UInt8(ascii: ">") || octet == UInt8(ascii: "/") { break }
            position += 1
        }
        return start..<position
    }

    /// Passes over the attributes and the ">".
    private mutating func attributes() -> Range<Int> {
        let start = position
        var mayOpenValue = false
        while position < view.count {
            let octet = view[position]
            position += 1
            if octet == UInt8(ascii: ">") { return start..<position - 1 }
            if mayOpenValue, octet == UInt8(ascii: "\"") || octet == UInt8(ascii: "'") {
                position = view.firstIndex(of: octet, in: position..<view.count).map { $0 + 1 } ?? view.count
            }
            if !octet.isBlank { mayOpenValue = octet == UInt8(ascii: "=") }
        }
        return start..<position
    }

    private mutating func skipDeclaration() {
        let isComment = view[position + 2] == UInt8(ascii: "-") && view[position + 3] == UInt8(ascii: "-")
        position += isComment ? 4 : 2
        while position < view.count {
            guard let close = view.firstIndex(of: UInt8(ascii: ">"), in: position..<view.count) else {
                position = view.count
                return
            }
            position = close + 1
            if !isComment || (view[close - 1] == UInt8(ascii: "-") && view[close - 2] == UInt8(ascii: "-")) { return }
        }
    }

    private func isRawText(_ name: Range<Int>) -> Bool {
        view.equals(name, ignoringCaseOf: "script") || view.equals(name, ignoringCaseOf: "style")
            || view.equals(name, ignoringCaseOf: "title")
    }

    private mutating func skipRawText(_ name: Range<Int>) {
        let wanted = view.lowered(name)
        while let open = view.firstIndex(of: UInt8(ascii: "<"), in: position..<view.count) {
            position = open
            let start = open + 2
            if view[open + 1] == UInt8(ascii: "/"), start + name.count <= view.count,
                view.equals(start..<start + name.count, ignoringCaseOf: wanted)
            {
                return
            }
            position += 1
        }
        position = view.count
    }
}
