/// What a restore brought back.
public struct RestoreFacts: Equatable, Sendable {
    public var set: String
    public var directory: String
    /// Of the restored store: above all that were in the target.
    public var generation: Int64
    public var accounts: Int64
    public var messages: Int64
    public var octets: Int64
    public var bodiesRead: Int
    /// Recipients of outgoing mail that are held, since their mail may have been sent already.
    public var heldRecipients: Int
    /// Keys and certificates, relative to the folder.
    public var keyFiles: [String]

    /// For the operator: what there is now, and what is left to do.
    public var sentences: [String] {
        var lines = [
            "Restored \(set) into \(directory): \(accounts) accounts, \(messages) messages, \(octets) octets.",
            "Every file was checked against its digest and \(bodiesRead) messages were read.",
            "It is of generation \(generation) now: IMAP clients fetch their folders again, POP3 clients do not.",
        ]
        if heldRecipients > 0 {
            lines.append(
                "\(heldRecipients) recipients in the queue are held, since they may have had their mail: "
                    + "see `postino queue list`, send with `postino queue retry`.")
        }
        for key in keyFiles where key.hasPrefix("keys/") {
            lines.append("The key file \(key) has to go where the configuration wants it.")
        }
        return lines
    }
}
