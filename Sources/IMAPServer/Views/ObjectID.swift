import MailCore

/// Identifiers of RFC 8474: a letter for the kind, so that no two kinds share one (§7), and the store's number.
enum ObjectID {
    static func mailbox(_ id: MailboxID) -> String { "F\(id.rawValue)" }
    static func email(_ messageID: Int64) -> String { "M\(messageID)" }
    static func thread(_ threadID: Int64) -> String { "T\(threadID)" }

    /// The message's number; nil for what was never given out.
    static func message(of emailID: String) -> Int64? { number(emailID, "M") }
    static func thread(of threadID: String) -> Int64? { number(threadID, "T") }

    private static func number(_ id: String, _ kind: String) -> Int64? {
        guard id.hasPrefix(kind), let number = Int64(id.dropFirst()), "\(kind)\(number)" == id else { return nil }
        return number
    }
}
