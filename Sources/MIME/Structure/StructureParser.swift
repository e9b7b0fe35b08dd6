import NIOCore

/// Goes through a message once, line by line, and describes what it is made of (RFC 2046 §5.1).
///
/// Every line that begins with "--" is compared with the delimiters of all open multiparts at once, so that the time is
/// linear in the octets at any depth, and a missing final delimiter ends with that of a multipart further out.
struct StructureParser {
    private let octets: ByteBuffer
    private let view: Octets
    private let limits: ParseLimits
    private var position = 0
    /// Line feeds in front of `position`.
    private var lineFeeds = 0
    private var partCount = 0
    private var delimiters = DelimiterStack()
    /// Set when the scan has met a delimiter or the end; nothing is read before it is taken away.
    private var ending: Ending?

    /// Where an entity ended, and by what.
    private struct Ending {
        /// The delimiter's line ending in front of it is not part of the entity.
        var contentEnd: Int
        var lineFeeds: Int
        var delimiter: DelimiterStack.Match?
        /// Behind the delimiter's line.
        var next: Int
        var lineFeedsNext: Int
    }

    init(octets: ByteBuffer, view: Octets, limits: ParseLimits) {
        self.octets = octets
        self.view = view
        self.limits = limits
    }

    mutating func message() -> Part { entity(defaultType: .plainText, depth: 0) }

    // MARK: Entities

    private mutating func entity(defaultType: ContentType, depth: Int) -> Part {
        partCount += 1
        let header = header()
        let contentType = contentType(of: header, defaultType: defaultType)
        var part = Part(
            header: header, body: position..<position, bodyLines: 0, kind: .leaf, contentType: contentType,
            transferEncoding: transferEncoding(of: header), children: [])
        let lineFeedsAtBody = lineFeeds
        readBody(of: &part, depth: depth)
        let end = ending ?? endOfInput
        part.header.clamp(to: end.contentEnd)
        part.body = part.header.range.upperBound..<max(part.header.range.upperBound, end.contentEnd)
        part.bodyLines = max(0, end.lineFeeds - lineFeedsAtBody)
        return part
    }

    private mutating func readBody(of part: inout Part, depth: Int) {
        if part.contentType.isMultipart {
            if depth + 1 < limits.depthMax, let boundary = part.contentType.parameters.rawValue("boundary") {
                part.children = multipart(
                    boundary: boundary, isDigest: part.contentType.subtype == "digest", depth: depth)
            }
            if !part.children.isEmpty {
                part.kind = .multipart
            } else {
                // RFC 2045 §5.2: what cannot be read as it says is shown as text.
                part.contentType = depth + 1 < limits.depthMax ? .plainText : .opaque
            }
        } else if part.contentType.isMessage {
            if depth + 1 < limits.depthMax, partCount < limits.partsMax {
                part.kind = .message
                part.children = [entity(defaultType: .plainText, depth: depth + 1)]
            } else {
                part.contentType = .opaque
            }
        }
        skipToDelimiter()
    }

    private mutating func multipart(boundary: [UInt8], isDigest: Bool, depth: Int) -> [Part] {
        guard let level = delimiters.push(boundary) else { return [] }
        var children: [Part] = []
        skipToDelimiter()
        while let found = ending?.delimiter, found.level == level {
            resume()
            guard !found.isClose, partCount < limits.partsMax else { break }
            children.append(entity(defaultType: isDigest ? .message : .plainText, depth: depth + 1))
        }
        delimiters.pop(to: level)
        return children
    }

    private func contentType(of header: Header, defaultType: ContentType) -> ContentType {
        guard let field = header.fields.first(where: { view.equals($0.name, ignoringCaseOf: "Content-Type") }) else {
            return defaultType
        }
        return ContentType.parse(view, field.value) ?? .plainText
    }

    private func transferEncoding(of header: Header) -> TransferEncoding {
        let name = "Content-Transfer-Encoding"
        guard let field = header.fields.first(where: { view.equals($0.name, ignoringCaseOf: name) }) else {
            return .sevenBit
        }
        return TransferEncoding.parse(view, field.value) ?? .sevenBit
    }

    // MARK: Lines

    private var endOfInput: Ending {
        Ending(
            contentEnd: view.count, lineFeeds: lineFeeds, delimiter: nil, next: view.count, lineFeedsNext: lineFeeds)
    }

    /// Goes on behind the delimiter that was met.
    private mutating func resume() {
        guard let met = ending else { return }
        position = met.next
        lineFeeds = met.lineFeedsNext
        ending = nil
    }

    /// Passes over lines up to a delimiter of an open multipart, or all.
    private mutating func skipToDelimiter() {
        while ending == nil {
            guard let line = nextLine() else {
                ending = endOfInput
                return
            }
            if endsAt(line) { return }
            pass(line)
        }
    }

    private struct Line {
        var start: Int
        /// Without its ending.
        var contentEnd: Int
        var next: Int
        var hasLineFeed: Bool
    }

    @inline(__always)
    private func nextLine() -> Line? {
        guard position < view.count else { return nil }
        guard let lineFeed = view.firstIndex(of: .lineFeed, in: position..<view.count) else {
            return Line(start: position, contentEnd: view.count, next: view.count, hasLineFeed: false)
        }
        let hasCR = lineFeed > position && view[lineFeed - 1] == .carriageReturn
        return Line(
            start: position, contentEnd: hasCR ? lineFeed - 1 : lineFeed, next: lineFeed + 1, hasLineFeed: true)
    }

    @inline(__always)
    private mutating func pass(_ line: Line) {
        position = line.next
        if line.hasLineFeed { lineFeeds += 1 }
    }

    /// Notes the ending if the line is a delimiter.
    @inline(__always)
    private mutating func endsAt(_ line: Line) -> Bool {
        guard !delimiters.isEmpty, view[line.start] == UInt8(ascii: "-"), view[line.start + 1] == UInt8(ascii: "-"),
            let match = delimiters.match(view, line.start + 2..<max(line.start + 2, line.contentEnd))
        else { return false }
        var contentEnd = line.start
        var feeds = lineFeeds
        if contentEnd > 0, view[contentEnd - 1] == .lineFeed {
            contentEnd -= 1
            feeds -= 1
            if contentEnd > 0, view[contentEnd - 1] == .carriageReturn { contentEnd -= 1 }
        }
        ending = Ending(
            contentEnd: contentEnd, lineFeeds: feeds, delimiter: match, next: line.next,
            lineFeedsNext: lineFeeds + (line.hasLineFeed ? 1 : 0))
        return true
    }

    // MARK: Header

    /// Reads up to the empty line, a delimiter or the end.
    mutating func header() -> Header {
        let start = position
        var header = Header(octets: octets, range: start..<start)
        var isOpen = false
        while ending == nil, let line = nextLine() {
            if endsAt(line) { break }
            pass(line)
            if line.contentEnd == line.start { break }
            if view[line.start].isWSP, isOpen {
                header.fields[header.fields.count - 1].value =
                    header.fields[header.fields.count - 1].value
                    .lowerBound..<line.contentEnd
                header.fields[header.fields.count - 1].lines =
                    header.fields[header.fields.count - 1].lines
                    .lowerBound..<line.next
            } else if !header.isCut {
                isOpen = header.fields.count < limits.headerFieldsMax
                if isOpen { header.fields.append(field(line)) }
                header.isCut = !isOpen
            }
            if line.next - start > limits.headerOctetsMax {
                header.isCut = true
                isOpen = false
            }
        }
        header.range = start..<position
        return header
    }

    /// RFC 5322 §2.2: a name is printable US-ASCII; §4.5.8 allows blanks in front of the colon.
    private func field(_ line: Line) -> Header.Field {
        let content = line.start..<line.contentEnd
        let noField = Header.Field(name: line.start..<line.start, value: content, lines: line.start..<line.next)
        guard let colon = view.firstIndex(of: UInt8(ascii: ":"), in: content) else { return noField }
        var nameEnd = colon
        while nameEnd > line.start, view[nameEnd - 1].isWSP { nameEnd -= 1 }
        guard nameEnd > line.start, view[line.start..<nameEnd].allSatisfy({ $0 > 0x20 && $0 != 0x7f }) else {
            return noField
        }
        return Header.Field(
            name: line.start..<nameEnd, value: colon + 1..<line.contentEnd, lines: line.start..<line.next)
    }
}
