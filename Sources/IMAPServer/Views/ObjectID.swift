import MailCore

/// Identifiers of RFC 8474: a letter for the kind, so that no two kinds share one (§7), and the store's number.
///
/// Numbers of messages and threads are an account's own: on what another shares its number goes before them, so that one
/// client never sees one identifier for two messages.
struct ObjectID: Hashable, Sendable {
    /// Nil: the client's own account.
    var other: AccountID?

    static let own = ObjectID(other: nil)

    static func mailbox(_ id: MailboxID) -> String { "F\(id.rawValue)" }

    func email(_ messageID: Int64) -> String { text("M", messageID) }
    func thread(_ threadID: Int64) -> String { text("T", threadID) }

    /// The message's number; nil for what was never given out, or is in another account.
    func message(of emailID: String) -> Int64? { number(emailID, "M") }
    func thread(of threadID: String) -> Int64? { number(threadID, "T") }

    private func text(_ kind: String, _ number: Int64) -> String {
        other.map { "\(kind)\($0.rawValue)-\(number)" } ?? "\(kind)\(number)"
    }

    private func number(_ id: String, _ kind: String) -> Int64? {
        let start = text(kind, 0).dropLast()
        guard id.hasPrefix(start), let number = Int64(id.dropFirst(start.count)), text(kind, number) == id else {
            return nil
        }
        return number
    }
}
