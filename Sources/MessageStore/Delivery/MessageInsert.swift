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
    var checksQuota: Bool
    var octetCount: Int
    var facts: MessageFacts
    var bodyID: Int64

    private var size: Int { prefix.count + octetCount }

    private typealias Place = (id: MailboxID, name: String, uid: UID, validity: UIDValidity)

    func perform(
        _ event: MessageEvent.Kind, address: String?, _ transaction: WriteTransaction, _ hub: ChangeHub
    ) throws -> DeliveryReceipt.Copy {
        let (modSeq, messageID) = try countInAccount(hub, transaction)
        let mailbox = try countInMailbox(modSeq, transaction)
        try insertMessage(messageID, transaction)
        try transaction.execute(
            "INSERT INTO mailbox_message VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", .integer(mailbox.id.rawValue),
            .integer(mailbox.uid.rawValue), .integer(messageID), .integer(modSeq), .integer(flags.rawValue),
            .integer(size), .integer(internalDate), .integer(zoneMinutes), .integer(facts.sentDate ?? internalDate),
            .integer(facts.sentDate == nil ? zoneMinutes : facts.sentZoneMinutes), .integer(receivedAt))
        try EventRows.insert(
            event, trail: bodyID, account: account, address: address, mailbox: mailbox.name, uid: mailbox.uid,
            transaction)
        transaction.afterCommit { hub.changed(mailbox.id, ModSeq(rawValue: modSeq)) }
        return .init(
            account: account, mailbox: mailbox.id, uidValidity: mailbox.validity, uid: mailbox.uid, messageID: messageID
        )
    }

    private func countInAccount(
        _ hub: ChangeHub, _ transaction: WriteTransaction
    ) throws -> (modSeq: Int64, messageID: Int64) {
        let state = try transaction.first(
            """
            UPDATE account_state SET mod_seq = mod_seq + 1, next_message_id = next_message_id + 1,
              used_octets = used_octets + ?, used_messages = used_messages + 1
            WHERE account_id = ? AND removed_at IS NULL
            RETURNING mod_seq, next_message_id - 1, used_octets, used_messages, octets_max, messages_max,
              warned_percent, domain_id
            """, .integer(size), .integer(account.rawValue)
        ) { (modSeq: $0.integer(0), messageID: $0.integer(1), counted: UsageRows.Counted($0, from: 2)) }
        guard let state else { throw StoreError.noSuchAccount }
        try UsageRows.count(
            state.counted, octets: size, messages: 1, account: account, checksQuota: checksQuota, hub, transaction)
        return (state.modSeq, state.messageID)
    }

    private func countInMailbox(_ modSeq: Int64, _ transaction: WriteTransaction) throws -> Place {
        let mailbox = try MailboxRows.find(target, of: account, in: transaction)
        let place = try transaction.first(
            """
            UPDATE mailbox SET uid_next = uid_next + 1, highest_mod_seq = ?1, message_count = message_count + 1,
              unseen_count = unseen_count + ?2, deleted_count = deleted_count + ?3, octet_count = octet_count + ?4
            WHERE mailbox_id = ?5 AND account_id = ?6 AND is_selectable = 1 AND uid_next < 4294967295
            RETURNING uid_next - 1, uid_validity, name
            """, .integer(modSeq), .boolean(!flags.contains(.seen)), .boolean(flags.contains(.deleted)), .integer(size),
            .integer(mailbox.rawValue), .integer(account.rawValue)
        ) { row -> Place in
            (
                id: mailbox, name: row.text(2), uid: UID(UInt32(truncatingIfNeeded: row.integer(0))),
                validity: UIDValidity(rawValue: UInt32(truncatingIfNeeded: row.integer(1)))
            )
        }
        guard let place else { throw StoreError.noSuchMailbox }
        return place
    }

    private func insertMessage(_ messageID: Int64, _ transaction: WriteTransaction) throws {
        let thread = try ThreadRows.join(facts.threadTokens, account: account, messageID: messageID, in: transaction)
        let factsID =
            try transaction.integer(
                "INSERT INTO message_facts VALUES (NULL, ?, ?, ?, ?) RETURNING facts_id", .blob(prefix),
                .blob(facts.envelope), .blob(facts.structure), .text(facts.preview)) ?? 0
        try transaction.execute(
            "INSERT INTO header_fields VALUES (?, ?)", .integer(factsID),
            .blob(HeaderFields.stored(facts.headerFields, behind: prefix)))
        try transaction.execute(
            "INSERT INTO message VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?)", .integer(account.rawValue),
            .integer(messageID), .integer(factsID), .integer(bodyID), .integer(thread), .integer(facts.headerOctets),
            .integer(receivedAt), .blob(ThreadTokens.encoded(facts.threadTokens)))
        if let verdict {
            try transaction.execute(
                "INSERT INTO verdict VALUES (?, ?, ?)", .integer(account.rawValue), .integer(messageID), .text(verdict))
        }
    }
}
