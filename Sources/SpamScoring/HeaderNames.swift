/// What the tokenizer does with a header field, by its name.
enum HeaderNames {
    enum Kind {
        /// Written by us or by another filter: no evidence.
        case ignored
        /// So common that its presence says nothing.
        case known
        case unknown
        case words(StaticString)
        case addresses(StaticString)
        case received
        case date
        case messageID
    }

    /// - Parameter name: lower case.
    static func kind(of name: String) -> Kind {
        if let kind = kinds[name] { return kind }
        return ignoredPrefixes.contains { name.hasPrefix($0) } ? .ignored : .unknown
    }

    private static let ignoredPrefixes = ["x-postino-", "x-spam", "x-rspamd-", "arc-", "x-mozilla-", "x-ms-exchange-"]

    private static let kinds: [String: Kind] = {
        var kinds: [String: Kind] = [
            "subject": .words("subject:"), "from": .addresses("from:"), "to": .addresses("to:"),
            "cc": .addresses("cc:"), "reply-to": .addresses("reply-to:"), "sender": .addresses("sender:"),
            "list-id": .words("list-id:"), "organization": .words("organization:"), "x-mailer": .words("mailer:"),
            "user-agent": .words("mailer:"), "precedence": .words("precedence:"), "x-priority": .words("priority:"),
            "importance": .words("priority:"), "auto-submitted": .words("auto:"), "received": .received,
            "date": .date, "message-id": .messageID,
        ]
        for name in [
            "mime-version", "content-type", "content-transfer-encoding", "content-disposition", "in-reply-to",
            "references",
        ] {
            kinds[name] = .known
        }
        for name in [
            "return-path", "delivered-to", "x-original-to", "envelope-to", "authentication-results", "received-spf",
            "status",
            "x-status", "x-uid", "x-uidl", "x-keywords", "content-length", "lines", "x-imapbase", "dkim-signature",
        ] {
            kinds[name] = .ignored
        }
        return kinds
    }()
}
