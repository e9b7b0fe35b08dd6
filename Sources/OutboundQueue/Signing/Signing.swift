public import Execution
public import MailAuth

/// What the queue needs to sign mail with.
public struct Signing: Sendable {
    /// The keys of a domain that sign now; none for a domain that is not ours.
    let keys: @Sendable (String) async throws -> [DKIMKey]
    /// Where a signature is computed: a millisecond and more.
    let pool: BlockingPool

    public init(pool: BlockingPool, keys: @escaping @Sendable (String) async throws -> [DKIMKey]) {
        self.pool = pool
        self.keys = keys
    }
}
