public import MailCore

/// One recipient that waits in the queue, with what is needed to send to it.
public struct QueuedRecipient: Sendable {
    public enum State: Int64, Sendable {
        case waiting = 0
        case leased = 1
        case held = 2
    }

    public var key: QueueKey
    public var recipient: EmailAddress
    /// Lower case.
    public var routeDomain: String
    public var state: State
    /// Times are seconds since 1970.
    public var nextAttemptAt: Int64
    public var attempts: Int
    public var lastReply: String?
    public var reversePath: ReversePath
    public var options: String
    /// What every next hop must be able to do.
    public var needs: MessageNeeds
    /// RET and ENVID.
    public var messageNotification: MessageNotification
    /// NOTIFY and ORCPT.
    public var notification: RecipientNotification
    public var createdAt: Int64
    public var expiresAt: Int64
    public var body: BodyReference
}

/// Names one recipient of one queued message.
public struct QueueKey: Hashable, Sendable {
    public var queueID: Int64
    /// As stored: the address' description.
    public var recipient: String

    public init(queueID: Int64, recipient: String) {
        self.queueID = queueID
        self.recipient = recipient
    }
}

/// Which recipients a listing or a retry is about; nil and 0 are no condition.
public struct QueueFilter: Sendable {
    public var queueID: Int64?
    /// Lower case.
    public var routeDomain: String?
    public var recipient: String?
    public var state: QueuedRecipient.State?

    public init(
        queueID: Int64? = nil, routeDomain: String? = nil, recipient: String? = nil, state: QueuedRecipient.State? = nil
    ) {
        self.queueID = queueID
        self.routeDomain = routeDomain
        self.recipient = recipient
        self.state = state
    }
}

/// How many recipients wait.
public struct QueueCounts: Equatable, Sendable {
    public var messages: Int
    public var waiting: Int
    public var leased: Int
    public var held: Int
}
