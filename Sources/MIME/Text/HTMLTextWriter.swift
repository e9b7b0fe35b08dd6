/// Lays shown text out in lines.
struct HTMLTextWriter {
    private var output: [UInt8] = []
    private var wantsSpace = false
    /// Line breaks to write before the next text, two at most.
    private var breaks = 0
    private var preformattedDepth = 0
    private var scratch: [UInt8] = []

    init(capacity: Int) { output.reserveCapacity(capacity) }

    mutating func text(_ view: Octets, _ range: Range<Int>) {
        scratch.removeAll(keepingCapacity: true)
        HTMLEntities.decode(view, range, into: &scratch)
        var index = 0
        while index < scratch.count {
            let octet = scratch[index]
            if octet.isBlank || octet == 0x0c {
                if preformattedDepth > 0, octet == .lineFeed { breaks = min(2, breaks + 1) }
                wantsSpace = true
                index += 1
                continue
            }
            let start = index
            while index < scratch.count, !scratch[index].isBlank, scratch[index] != 0x0c { index += 1 }
            separate()
            output.append(contentsOf: scratch[start..<index])
        }
    }

    mutating func tag(_ name: String, isStart: Bool) {
        switch Self.effects[name] {
        case .lineBreak: breaks = min(2, breaks + 1)
        case .paragraph: breaks = 2
        case .block: breaks = max(1, breaks)
        case .preformatted:
            breaks = max(1, breaks)
            preformattedDepth = max(0, preformattedDepth + (isStart ? 1 : -1))
        case .cell: wantsSpace = true
        case nil: break
        }
    }

    private enum Effect {
        case lineBreak
        case paragraph
        case block
        case preformatted
        case cell
    }

    private static let effects: [String: Effect] = {
        var result: [String: Effect] = ["br": .lineBreak, "pre": .preformatted, "td": .cell, "th": .cell]
        for name in ["p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "table", "ul", "ol", "dl", "hr"] {
            result[name] = .paragraph
        }
        for name in [
            "div", "tr", "li", "dt", "dd", "section", "article", "header", "footer", "main", "nav", "aside", "form",
            "fieldset", "address", "center", "body", "html", "head", "figure", "figcaption", "option", "caption",
        ] {
            result[name] = .block
        }
        return result
    }()

    mutating func finish() -> String { String(decoding: output, as: UTF8.self) }

    private mutating func separate() {
        if output.isEmpty {
            breaks = 0
        } else if breaks > 0 {
            for _ in 0..<breaks { output.append(.lineFeed) }
        } else if wantsSpace {
            output.append(.space)
        }
        breaks = 0
        wantsSpace = false
    }
}
