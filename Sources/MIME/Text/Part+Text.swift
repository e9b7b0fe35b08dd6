extension Part {
    /// The charset parameter; nil without.
    public var charset: String? { contentType.parameters["charset"] }

    /// The text of a text part, transfer encoding and charset undone; nil for other parts.
    ///
    /// - Parameter octetsMax: of the decoded body; what lies behind is left out.
    public func text(octetsMax: Int = .max) -> String? {
        guard kind == .leaf, contentType.isText else { return nil }
        return Charset.decode(decodedBody(octetsMax: octetsMax), named: charset)
    }

    /// As `text`, HTML reduced to what it shows.
    public func readableText(octetsMax: Int = .max) -> String? {
        guard let text = text(octetsMax: octetsMax) else { return nil }
        return contentType.subtype == "html" ? HTML.text(of: text) : text
    }

    /// To be shown in the message: a leaf of text that is not sent as an attachment.
    public var isInlineText: Bool {
        kind == .leaf && contentType.isText && disposition?.isAttachment != true
    }

    /// A leaf to be stored rather than shown: sent as an attachment, named, or no text. A message inside is one, too.
    public var isAttachment: Bool {
        switch kind {
        case .multipart: false
        case .message: true
        case .leaf: !isInlineText || fileName != nil
        }
    }
}

extension Message {
    /// The leaves of text to be shown, in their order; those in messages inside included.
    public var inlineTexts: [Part] { parts { $0.isInlineText } }

    /// What is to be stored rather than shown, in its order; what is in messages inside included.
    public var attachments: [Part] { parts { $0.isAttachment } }

    private func parts(where isWanted: (Part) -> Bool) -> [Part] {
        var result: [Part] = []
        forEachPart { part in
            if isWanted(part) { result.append(part) }
            return true
        }
        return result
    }
}
