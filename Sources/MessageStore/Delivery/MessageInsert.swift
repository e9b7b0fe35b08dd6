internal import MailCore
internal import SQLite

/// The rows of one new message in one mailbox, made inside a transaction.
struct MessageInsert {
    var account: AccountID
    var target: LocalCopy.Target
    var prefix: [UInt8]
    var flags: Flags
    var verdict: String?
    var internalDate: Int64
    var zoneMinutes: Int
    var receivedAt: Int64
    /// Nil: quota is not looked at.
    var quota: Quota?
    var octetCount: Int
    var facts: MessageFacts
    var bodyID: Int64

    private var size: Int { prefix.count + octetCount }

    func perform(_ transaction: WriteTransaction, _ hub: ChangeHub) throws -> DeliveryReceipt.Copy {
        let (modSeq, messageID) = try countInAccount(transaction)
        let mailbox = try countInMailbox(modSeq, transaction)
        try insertMessage(messageID, transaction)
        try transaction.execute(
            "INSERT INTO mailbox_message VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", .integer(mailbox.id.rawValue),
            .integer(mailbox.uid.rawValue), .integer(messageID), .integer(modSeq), .integer(flags.rawValue),
            .integer(size),
            .integer(internalDate), .integer(zoneMinutes), .integer(facts.sentDate ?? internalDate),
            .integer(facts.sentDate == nil ? zoneMinutes : facts.sentZoneMinutes))
        transaction.afterCommit { hub.changed(mailbox.id, ModSeq(rawValue: modSeq)) }
        return .init(
            account: account, mailbox: mailbox.id, uidValidity: mailbox.validity, uid: mailbox.uid, messageID: messageID
        )
    }

    private func countInAccount(_ transaction: WriteTransaction) throws -> (modSeq: Int64, messageID: Int64) {
        let state = try transaction.first(
            """
            UPDATE account_state SET mod_seq = mod_seq + 1, next_message_id = next_message_id + 1,
              used_octets = used_octets + ?, used_messages = used_messages + 1
            WHERE account_id = ? RETURNING mod_seq, next_message_id - 1, used_octets, used_messages
            """, .integer(size), .integer(account.rawValue)
        ) { (modSeq: $0.integer(0), messageID: $0.integer(1), octets: $0.integer(2), messages: $0.integer(3)) }
        guard let state else { throw StoreError.noSuchAccount }
        if let quota {
            try quota.check(octets: state.octets, messages: state.messages, addedOctets: Int64(size))
        }
        return (state.modSeq, state.messageID)
    }

    private typealias Place = (id: MailboxID, uid: UID, validity: UIDValidity)

    private func countInMailbox(_ modSeq: Int64, _ transaction: WriteTransaction) throws -> Place {
        let mailbox = try MailboxRows.find(target, of: account, in: transaction)
        let place = try transaction.first(
            """
            UPDATE mailbox SET uid_next = uid_next + 1, highest_mod_seq = ?1, message_count = message_count + 1,
              unseen_count = unseen_count + ?2, deleted_count = deleted_count + ?3, octet_count = octet_count + ?4
            WHERE mailbox_id = ?5 AND account_id = ?6 AND is_selectable = 1 AND uid_next < 4294967295
            RETURNING uid_next - 1, uid_validity
            """, .integer(modSeq), .boolean(!flags.contains(.seen)), .boolean(flags.contains(.deleted)), .integer(size),
            .integer(mailbox.rawValue), .integer(account.rawValue)
        ) {
            (
                uid: UID(UInt32(truncatingIfNeeded: $0.integer(0))),
                validity: UIDValidity(rawValue: UInt32(truncatingIfNeeded: $0.integer(1)))
            )
        }
        guard let place else { throw StoreError.noSuchMailbox }
        return (mailbox, place.uid, place.validity)
    }

    private func insertMessage(_ messageID: Int64, _ transaction: WriteTransaction) throws {
        let thread = try ThreadRows.join(facts.threadTokens, account: account, messageID: messageID, in: transaction)
        try transaction.execute(
            "INSERT INTO message VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?)", .integer(account.rawValue),
            .integer(messageID),
            .integer(bodyID), .integer(thread), .integer(facts.headerOctets), .integer(receivedAt), .blob(prefix),
            .blob(facts.envelope), .blob(facts.structure), .text(facts.preview))
        try transaction.execute(
            "INSERT INTO header_fields VALUES (?, ?, ?)", .integer(account.rawValue), .integer(messageID),
            .blob(HeaderFields.stored(facts.headerFields, behind: prefix)))
        if let verdict {
            try transaction.execute(
                "INSERT INTO verdict VALUES (?, ?, ?)", .integer(account.rawValue), .integer(messageID), .text(verdict))
        }
    }
}

extension Quota {
    /// - Parameters: what is used with what is to be added.
    func check(octets: Int64, messages: Int64, addedOctets: Int64) throws(StoreError) {
        if octetsMax > 0, octets > octetsMax {
            throw .overQuota(usedOctets: octets - addedOctets, limitOctets: octetsMax)
        }
        if messagesMax > 0, messages > messagesMax {
            throw .overQuota(usedOctets: octets - addedOctets, limitOctets: octetsMax)
        }
    }
}

enum ThreadRows {
    /// The thread that one of the tokens belongs to, or a new one of the message itself; the tokens are remembered.
    static func join(
        _ tokens: [Int64], account: AccountID, messageID: Int64, in transaction: WriteTransaction
    ) throws -> Int64 {
        var thread: Int64?
        for token in tokens where thread == nil {
            thread = try transaction.integer(
                "SELECT thread_id FROM thread_reference WHERE account_id = ? AND token_hash = ? LIMIT 1",
                .integer(account.rawValue), .integer(token))
        }
        for token in tokens {
            try transaction.execute(
                "INSERT INTO thread_reference VALUES (?, ?, ?, ?)", .integer(account.rawValue), .integer(token),
                .integer(messageID), .integer(thread ?? messageID))
        }
        return thread ?? messageID
    }
}
