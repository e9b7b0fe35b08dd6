/// What the command line asks of the server: one line of JSON on the control socket, then `bodyOctets` raw octets.
public enum Request: Codable, Equatable, Sendable {
    /// `postmaster`: who gets the mail of postmaster@ and abuse@; nil: the first mailbox of the domain.
    /// `aliasOf`: the domain whose addresses it has.
    case domainAdd(name: String, postmaster: String?, aliasOf: String? = nil)
    case domainList
    case domainRemove(name: String)

    /// At most `mailboxesMax` in one request; they are added together or none is.
    case mailboxAdd(mailboxes: [NewMailbox], skippingExisting: Bool)
    case mailboxList(domain: String?)
    case mailboxShow(address: String)
    case mailboxPassword(address: String, password: NewPassword)
    case mailboxRemove(address: String)
    /// No targets: mail is sent on to nobody any more.
    case mailboxForward(address: String, targets: [String], keepsCopy: Bool)
    /// `refusesMail`: strangers are told the reason; else only logins are closed.
    case mailboxSuspend(address: String, reason: String, refusesMail: Bool)
    case mailboxResume(address: String)

    /// An address "@domain" is any of that domain.
    case sendAsGrant(address: String, others: [String])
    case sendAsRevoke(address: String, others: [String])
    case sendAsList(address: String)
    case mailboxSet(address: String, change: MailboxChange)

    /// An address "@domain" is the catch-all of the domain.
    /// `membersOnly`: only its targets may write to it; nil leaves it as it is.
    case aliasAdd(address: String, targets: [String], membersOnly: Bool? = nil)
    case aliasPosters(address: String, membersOnly: Bool)
    case aliasList(domain: String?)
    /// A nil `target` removes the whole alias.
    case aliasRemove(address: String, target: String?)

    /// Makes keys that sign the domain's mail: at once where it has none, else as `dkimRotate` does.
    case dkimGenerate(domain: String, selector: String?)
    /// Makes the next keys, unless some wait; they sign when the DNS has their records, or `now`.
    case dkimRotate(domain: String, now: Bool)
    /// The records to publish.
    case dkimRecords(domain: String?)
    /// Asks the DNS for the records.
    case dkimVerify(domain: String?)

    case queueList(QueueFilter)
    case queueRetry(QueueFilter)
    /// All that is known of one queued message.
    case queueShow(id: Int64)
    case queueHold(QueueFilter, reason: String)
    case queueRelease(QueueFilter)
    /// Out of the queue, and nobody is told.
    case queueDrop(QueueFilter, reason: String)
    /// A nil `route` is the configured one again.
    case queueReroute(QueueFilter, route: String?)
    /// Deliveries that are over.
    case queueFinished(QueueFilter)
    /// What was refused of late, by what refusals have in common.
    case queueReasons
    case queueRules
    case queueRuleAdd(QueueFilter, reason: String)
    case queueRuleRemove(id: Int64)

    case suppressList
    /// Nil `days`: for ever.
    case suppressAdd(address: String, reason: String, days: Int?)
    case suppressRemove(address: String)

    /// Of one mailbox, one domain, or all that have a limit.
    case quotaShow(name: String?)
    case quotaSet(name: String, change: QuotaChange)
    case quotaRecalc(address: String?)

    case keptList(address: String, filter: DeletedFilter)
    /// Brings back what the filter means, into its own folders or the one named.
    case undelete(address: String, filter: DeletedFilter, into: String?)
    /// `identifier`: an address, or "anyone"; `rights`: letters or a word, empty to take all back.
    case folderShare(address: String, folder: String, identifier: String, rights: String)
    /// Of one folder, or of all.
    case folderShares(address: String, folder: String?)
    case messagePurge(address: String, message: MessageName)
    case trace(TraceFilter)
    case check(repairs: Bool, readsBodies: Bool)

    case status

    /// The body holds the messages one behind the other, `lengths` octets each.
    case spamLearn(as: SpamClass, lengths: [Int])

    case backupNow
    case backupList
    /// A nil `set` is the newest one.
    case backupVerify(set: String?)

    /// Mailboxes in one `mailboxAdd`.
    public static let mailboxesMax = 500
    /// Messages in one `spamLearn`.
    public static let messagesMax = 500
    /// Octets behind one request.
    public static let bodyOctetsMax = 64 << 20

    /// How many raw octets follow the line; nil when more is announced than the bounds allow.
    public var bodyOctets: Int? {
        guard case .spamLearn(_, let lengths) = self else { return 0 }
        guard lengths.count <= Self.messagesMax else { return nil }
        var sum = 0
        for length in lengths {
            guard (0...Self.bodyOctetsMax).contains(length) else { return nil }
            sum += length  // At most 500 times 64 MiB.
        }
        return sum <= Self.bodyOctetsMax ? sum : nil
    }
}

/// A mailbox to be.
public struct NewMailbox: Codable, Equatable, Sendable {
    public var address: String
    public var password: NewPassword

    public init(address: String, password: NewPassword) {
        self.address = address
        self.password = password
    }
}

/// What is to change of a mailbox; nil stays as it is.
public struct MailboxChange: Codable, Equatable, Sendable {
    public var pop3: Bool?
    /// Days that mail stays which a POP3 client deletes; 0: none.
    public var pop3LeaveDays: Int?

    public init(pop3: Bool? = nil, pop3LeaveDays: Int? = nil) {
        self.pop3 = pop3
        self.pop3LeaveDays = pop3LeaveDays
    }
}

/// Where a password comes from.
public enum NewPassword: Codable, Equatable, Sendable {
    case given(String)
    /// The server makes one and says it once, in its answer.
    case generated
}

/// Which queued mail is meant. Everything that is set must match; nothing set means all.
public struct QueueFilter: Codable, Equatable, Sendable {
    public var id: Int64?
    /// The recipient's domain.
    public var domain: String?
    public var recipient: String?
    public var sender: String?
    /// "waiting", "sending" or "held".
    public var state: String?
    /// A part of the last reply.
    public var reply: String?
    /// Queued at least so many hours ago.
    public var olderThanHours: Int?

    public init(
        id: Int64? = nil, domain: String? = nil, recipient: String? = nil, sender: String? = nil, state: String? = nil,
        reply: String? = nil, olderThanHours: Int? = nil
    ) {
        self.id = id
        self.domain = domain
        self.recipient = recipient
        self.sender = sender
        self.state = state
        self.reply = reply
        self.olderThanHours = olderThanHours
    }
}

public enum SpamClass: String, Codable, Sendable {
    case ham
    case spam
}
