/// Which fields of a message are signed (RFC 6376 §5.4.1): those that say what it is, and none that servers on the way write.
enum SignedFieldNames {
    /// Signed once more than they occur, so that nobody can add one (RFC 6376 §8.15).
    static let guarded = [
        "from", "to", "cc", "subject", "date", "reply-to", "message-id", "mime-version", "content-type",
        "content-transfer-encoding",
    ]
    /// Signed as often as they occur: lists and mail programs may rightly add them. RFC 8058 §4 wants the unsubscribe
    /// fields signed.
    static let others = [
        "sender", "in-reply-to", "references", "content-description", "content-disposition", "content-id",
        "content-language", "resent-from", "resent-to", "resent-cc", "resent-date", "resent-message-id",
        "resent-sender", "list-id", "list-help", "list-post", "list-subscribe", "list-unsubscribe",
        "list-unsubscribe-post", "list-owner", "list-archive", "feedback-id", "autocrypt",
    ]
    /// Names in one `h=`. No message that a person wrote comes near.
    static let max = 200

    /// Nil when there are more than `max`.
    static func names(for header: SignedHeader) -> [String]? {
        var names: [String] = []
        for name in guarded { names += repeatElement(name, count: header.indices(named: name).count + 1) }
        for name in others { names += repeatElement(name, count: header.indices(named: name).count) }
        return names.count <= max ? names : nil
    }
}
