/// HTML as far as a mail server reads it.
public enum HTML {
    /// The text that is shown: without tags, scripts and styles, entities decoded, runs of blanks as one space, block
    /// elements as line breaks.
    public static func text(of html: String) -> String {
        var html = html
        return html.withUTF8 { utf8 in
            let view = Octets(UnsafeRawBufferPointer(utf8))
            var tokenizer = HTMLTokenizer(view)
            var writer = HTMLTextWriter(capacity: utf8.count / 2)
            while let token = tokenizer.next() {
                switch token {
                case .text(let range): writer.text(view, range)
                case .startTag(let name, _): writer.tag(view.lowered(name), isStart: true)
                case .endTag(let name): writer.tag(view.lowered(name), isStart: false)
                }
            }
            return writer.finish()
        }
    }

    /// What a classifier looks at beside the text.
    public struct Facts: Hashable, Sendable {
        /// Hosts of links, images and forms, lower case, in their order, each once; at most `max`.
        public var hosts: [String] = []
        /// Names of the elements, lower case, in their order, each once; at most `max`.
        public var tagNames: [String] = []

        public static let max = 1000
    }

    public static func facts(of html: String) -> Facts {
        var html = html
        return html.withUTF8 { utf8 in
            let view = Octets(UnsafeRawBufferPointer(utf8))
            var tokenizer = HTMLTokenizer(view)
            var facts = Facts()
            var tags: Set<String> = []
            var hosts: Set<String> = []
            while let token = tokenizer.next() {
                guard case .startTag(let name, let attributes) = token, name.count <= 64 else { continue }
                let tag = view.lowered(name)
                if tags.count < Facts.max, tags.insert(tag).inserted { facts.tagNames.append(tag) }
                HTMLAttributes.forEachLink(view, attributes) { link in
                    guard hosts.count < Facts.max, let host = Links.host(of: link) else { return }
                    if hosts.insert(host).inserted { facts.hosts.append(host) }
                }
            }
            return facts
        }
    }
}

/// The attributes of one tag.
enum HTMLAttributes {
    private static let linkNames = ["href", "src", "action", "background"]

    /// Calls `body` with the value of each attribute that holds a link, entities decoded.
    static func forEachLink(_ view: Octets, _ range: Range<Int>, _ body: ([UInt8]) -> Void) {
        var lexer = Lexer(view, range)
        while !lexer.isAtEnd {
            lexer.skipBlanks()
            let name = lexer.word(until: "=/\"'")
            lexer.skipBlanks()
            guard lexer.take("=") else {
                if name.isEmpty { lexer.position += 1 }
                continue
            }
            let value = value(&lexer)
            if linkNames.contains(where: { view.equals(name, ignoringCaseOf: $0) }) {
                var decoded: [UInt8] = []
                HTMLEntities.decode(view, value, into: &decoded)
                body(decoded)
            }
        }
    }

    private static func value(_ lexer: inout Lexer) -> Range<Int> {
        lexer.skipBlanks()
        guard let quote = lexer.next, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
            return lexer.word(until: "")
        }
        let start = lexer.position + 1
        let end = lexer.view.firstIndex(of: quote, in: min(start, lexer.end)..<lexer.end) ?? lexer.end
        lexer.position = min(end + 1, lexer.end)
        return min(start, end)..<end
    }
}
