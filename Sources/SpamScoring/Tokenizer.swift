import MIME
import NIOCore

/// Makes the tokens of a message: words of its texts and of some header fields, and traits of its structure.
///
/// Structure first, so that a long text cannot crowd it out; each kind has its bound, so that a long header cannot
/// crowd out the text.
struct Tokenizer {
    /// Octets of the message that are looked at, and of decoded text.
    static let octetsMax = 256 << 10
    private static let headerTokensMax = 600
    private static let structureTokensMax = 900
    private static let partsMax = 200
    private static let fieldsMax = 500

    private(set) var tokens = TokenSet()
    private var textOctetsLeft = octetsMax

    static func tokens(of message: Message) -> TokenSet {
        var tokenizer = Tokenizer()
        tokenizer.add(message)
        return tokenizer.tokens
    }

    private mutating func add(_ message: Message) {
        var texts: [String] = []
        var parts = 0
        addHeader(message.header)
        message.forEachPart { part in
            parts += 1
            guard parts <= Self.partsMax, part.range.lowerBound < Self.octetsMax else { return false }
            addStructure(part)
            if let text = text(of: part) { texts.append(text) }
            return true
        }
        tokens.insert("parts:", "\(min(parts, 10))")
        for text in texts {
            WordScanner.words(of: text) { word in
                tokens.insert("", word)
                return !tokens.isFull
            }
        }
    }

    // MARK: Parts

    private mutating func addStructure(_ part: Part) {
        let limit = Self.structureTokensMax
        tokens.insert("ct:", "\(part.contentType.type)/\(part.contentType.subtype)", limit: limit)
        guard part.kind == .leaf else { return }
        tokens.insert("cte:", part.transferEncoding.name, limit: limit)
        if part.contentType.isText { tokens.insert("cs:", (part.charset ?? "none").lowercased(), limit: limit) }
        if let name = part.fileName?.lowercased(), let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")) {
            tokens.insert("ext:", name.utf8[dot...].dropFirst().prefix(10), limit: limit)
        }
    }

    /// The text shown; of HTML also its hosts and elements become tokens.
    private mutating func text(of part: Part) -> String? {
        guard part.isInlineText, textOctetsLeft > 0, var text = part.text(octetsMax: textOctetsLeft) else { return nil }
        if text.utf8.count > textOctetsLeft { text = String(decoding: text.utf8.prefix(textOctetsLeft), as: UTF8.self) }
        textOctetsLeft -= min(textOctetsLeft, text.utf8.count)
        guard part.contentType.subtype == "html" else {
            for host in Links.hosts(in: text, max: 100) { addHost(host) }
            return text
        }
        let facts = HTML.facts(of: text)
        for tag in facts.tagNames.prefix(100) { tokens.insert("tag:", tag, limit: Self.structureTokensMax) }
        for host in facts.hosts.prefix(100) { addHost(host) }
        return HTML.text(of: text)
    }

    /// The host of a URL, and its last two labels.
    private mutating func addHost(_ host: String) {
        tokens.insert("url:", host, limit: Self.structureTokensMax)
        let labels = host.utf8.split(separator: UInt8(ascii: "."))
        guard labels.count > 2, !labels.allSatisfy({ $0.allSatisfy { (0x30...0x39).contains($0) } }) else { return }
        let registered = Array(labels[labels.count - 2]) + [UInt8(ascii: ".")] + Array(labels[labels.count - 1])
        tokens.insert("url2:", registered, limit: Self.structureTokensMax)
    }

    // MARK: Header

    private mutating func addHeader(_ header: Header) {
        var received = 0
        for field in header.fields.prefix(Self.fieldsMax) where !field.name.isEmpty && field.name.count <= 80 {
            let name = header.name(of: field).lowercased()
            switch HeaderNames.kind(of: name) {
            case .ignored, .known: continue
            case .unknown: tokens.insert("hdr:", name, limit: Self.headerTokensMax)
            case .words(let prefix): addWords(of: EncodedWords.decode(header.unfolded(field)), prefix)
            case .addresses(let prefix): addAddresses(header, field, prefix)
            case .received:
                received += 1
                if received <= 10 { addRelays(header.unfolded(field)) }
            case .date:
                if let date = header.date { tokens.insert("tz:", date.zoneText, limit: Self.headerTokensMax) }
            case .messageID: addShape(header.unfolded(field))
            }
        }
    }

    private mutating func addWords(of text: String, _ prefix: StaticString) {
        WordScanner.words(of: text) { word in
            tokens.insert(prefix, word, limit: Self.headerTokensMax)
            return tokens.count < Self.headerTokensMax
        }
    }

    private mutating func addAddresses(_ header: Header, _ field: Header.Field, _ prefix: StaticString) {
        addWords(of: EncodedWords.decode(header.unfolded(field)), prefix)
        let list = AddressList(parsing: header.value(of: field), limit: 20)
        for mailbox in list.mailboxes where !mailbox.domain.isEmpty {
            var domain = [UInt8(ascii: "@")]
            domain += mailbox.domain.prefix(255).map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }
            tokens.insert(prefix, domain, limit: Self.headerTokensMax)
        }
    }

    /// Hosts and networks of a Received field.
    private mutating func addRelays(_ value: ByteBuffer) {
        for token in RelayTokens.read(value) {
            switch token {
            case .host(let host): tokens.insert("rcvd:", host, limit: Self.headerTokensMax)
            case .network16(let network): tokens.insert("net16:", network, limit: Self.headerTokensMax)
            case .network24(let network): tokens.insert("net24:", network, limit: Self.headerTokensMax)
            }
        }
    }

    /// The pattern of a Message-ID: runs of letters as "a", of digits as "9"; and its host.
    private mutating func addShape(_ value: ByteBuffer) {
        var shape: [UInt8] = []
        var host: [UInt8]?
        for octet in value.readableBytesView.prefix(200) {
            if octet == UInt8(ascii: "@") {
                host = []
                continue
            }
            let isLetter = (octet | 0x20) &- 0x61 < 26
            if host != nil {
                if octet != UInt8(ascii: ">") { host?.append(octet &- 0x41 < 26 ? octet | 0x20 : octet) }
                continue
            }
            let kind: UInt8 = isLetter ? UInt8(ascii: "a") : octet &- 0x30 < 10 ? UInt8(ascii: "9") : octet
            if shape.last != kind, shape.count < 40 { shape.append(kind) }
        }
        tokens.insert("mid:", shape, limit: Self.headerTokensMax)
        if let host { tokens.insert("midhost:", host, limit: Self.headerTokensMax) }
    }
}
