/// What of a message is meant (`section`, RFC 3501 §6.4.5).
public struct SectionSpec: Hashable, Sendable {
    public enum Text: Hashable, Sendable {
        /// The whole message, or with a path the body of that part.
        case whole
        /// The header of the message, or with a path of the message/rfc822 part there.
        case header
        /// Names as the client wrote them, 1 to 256.
        case headerFields([String])
        case headerFieldsNot([String])
        case text
        /// The MIME header of the part; only with a path.
        case mime
    }

    /// `section-part`: numbers from 1; empty for the message itself.
    public var path: [UInt32]
    public var text: Text

    public static let pathDepthMax = 100
    public static let headerFieldsMax = 256
    public static let fieldNameOctetsMax = 256

    public init(path: [UInt32] = [], text: Text = .whole) {
        self.path = path
        self.text = text
    }
}

/// `partial = "<" number "." nz-number ">"`: octets from `offset`, at most `count`.
public struct Partial: Hashable, Sendable {
    /// 0 to 2^32 - 1.
    public var offset: Int
    /// 1 to 2^32 - 1.
    public var count: Int

    public init(offset: Int, count: Int) {
        self.offset = offset
        self.count = count
    }

    /// The range of octets that there is of it in a section of `size` octets; may be empty.
    public func range(in size: Int) -> Range<Int> {
        let start = min(max(offset, 0), max(size, 0))
        return start..<(start + min(max(count, 0), max(size, 0) - start))
    }
}

extension Parser {
    /// Parses a `section`:
    ///
    ///     section         = "[" [section-spec] "]"
    ///     section-spec    = section-msgtext / (section-part ["." section-text])
    ///     section-msgtext = "HEADER" / "HEADER.FIELDS" [".NOT"] SP header-list / "TEXT"
    ///     section-text    = section-msgtext / "MIME"
    ///     section-part    = nz-number *("." nz-number)
    mutating func section() throws(SyntaxError) -> SectionSpec {
        try require("[")
        var section = SectionSpec()
        if take("]") { return section }
        var endsInPath = false
        while next?.isDigit == true {
            guard section.path.count < SectionSpec.pathDepthMax else {
                throw .limitExceeded("section-part", max: SectionSpec.pathDepthMax)
            }
            section.path.append(try nonZeroNumber())
            endsInPath = !take(".")
            if endsInPath { break }
        }
        if !endsInPath { section.text = try sectionText(hasPath: !section.path.isEmpty) }
        try require("]")
        return section
    }

    /// `section-binary = "[" [section-part] "]"` (RFC 3516 §7)
    mutating func binarySection() throws(SyntaxError) -> [UInt32] {
        let start = position
        let section = try section()
        guard section.text == .whole else { throw .expected("section-binary", at: start) }
        return section.path
    }

    private mutating func sectionText(hasPath: Bool) throws(SyntaxError) -> SectionSpec.Text {
        if take(word: "HEADER.FIELDS.NOT") { return .headerFieldsNot(try headerList()) }
        if take(word: "HEADER.FIELDS") { return .headerFields(try headerList()) }
        if take(word: "HEADER") { return .header }
        if take(word: "TEXT") { return .text }
        if hasPath, take(word: "MIME") { return .mime }
        throw expected("section-text")
    }

    /// `SP header-list`, `header-list = "(" header-fld-name *(SP header-fld-name) ")"`
    private mutating func headerList() throws(SyntaxError) -> [String] {
        try space()
        return try list(of: "header-list", max: SectionSpec.headerFieldsMax) { p throws(SyntaxError) in
            try p.text("header-fld-name", octetsMax: SectionSpec.fieldNameOctetsMax)
        }
    }

    /// `["<" number "." nz-number ">"]`
    mutating func partial() throws(SyntaxError) -> Partial? {
        guard take("<") else { return nil }
        let offset = try number()
        try require(".")
        let count = try nonZeroNumber()
        try require(">")
        return Partial(offset: Int(offset), count: Int(count))
    }
}
