/// What `postino localserve` was asked for.
public struct LocalserveOptions: Sendable {
    public enum Limits: String, Sendable {
        /// No brakes on rates and connections, and a cheap password hash.
        case lab
        /// Those of `serve`.
        case production
    }

    public var state: String
    /// Added to each standard port; 0 lets the system choose.
    public var portBase = 24_000
    public var domain = "example.test"
    public var mailboxes = 2
    public var password = "pw-secret-1"
    public var relay: String?
    public var dns: String?
    public var signatures: String?
    public var limits = Limits.lab
    /// IMAP offers COMPRESS=DEFLATE.
    public var isCompressionOn = false
    public var isFilterOn = true
    public var isFresh = false
    /// Starts although an older mail.db seems to have been put back.
    public var acceptsOlderIndex = false

    public init(state: String) { self.state = state }
}
