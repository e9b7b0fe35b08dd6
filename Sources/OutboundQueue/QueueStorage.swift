public import MailCore
public import MessageStore
public import NIOCore

/// The queue as the store keeps it, or as a simulation does.
public protocol QueueStorage: Sendable {
    func dueQueue(_ priority: QueuePriority, now: Int64, limit: Int) async throws(StoreError) -> [QueuedRecipient]
    func nextQueueDue() async throws(StoreError) -> Int64?
    func leaseQueue(_ keys: [QueueKey], owner: String, until: Int64) async throws(StoreError) -> [QueueKey]
    func finishQueue(_ keys: [QueueKey], isSent: Bool, reply: String, by host: String?) async throws(StoreError)
    func rescheduleQueue(
        _ keys: [QueueKey], at: Int64, lastReply: String?, by host: String?
    ) async throws(StoreError)
    func releaseQueue(_ keys: [QueueKey], now: Int64) async throws(StoreError)
    func noteDelayTold(_ keys: [QueueKey], at: Int64) async throws(StoreError)
    func octets(of body: BodyReference, range: Range<Int>?) async throws(StoreError) -> ByteBuffer
    func suppress(_ all: [Suppression]) async throws(StoreError)
    func suppressed(_ addresses: [EmailAddress], now: Int64) async throws(StoreError) -> [EmailAddress: Suppression]
    func countTLSResults(_ results: [TLSResult: Int]) async throws(StoreError)
    func tlsResults(day: Int64) async throws(StoreError) -> [(result: TLSResult, count: Int)]
    /// Calls after each change that makes something due.
    func onQueueChange(_ notify: @escaping @Sendable () -> Void) -> ChangeHub.Subscription?
}

extension MessageStore: QueueStorage {
    public func onQueueChange(_ notify: @escaping @Sendable () -> Void) -> ChangeHub.Subscription? {
        hub.subscribeToQueue(notify)
    }
}
