public import Directory
public import MailAuth
public import MailCore
public import MessageStore
public import NIOCore
import Observation

/// The MDA: brings an accepted message to mailboxes and, where aliases lead outside, to the queue.
///
/// All recipients commit in one transaction or none does.
public struct Agent: Sendable {
    /// Aliases of aliases, at most so deep (RFC 5321 §3.9 warns of loops).
    public static let aliasDepthMax = 10
    /// Addresses that one message may reach through aliases.
    public static let destinationsMax = 5_000

    let registry: Registry
    let store: MessageStore
    let forwarding: Forwarding?

    /// - Parameter forwarding: nil: what is sent on keeps its reverse-path and is not sealed.
    public init(registry: Registry, store: MessageStore, forwarding: Forwarding? = nil) {
        self.registry = registry
        self.store = store
        self.forwarding = forwarding
    }

    /// What an account's copy bears in front of the shared body, and where it goes.
    public struct Treatment: Sendable {
        /// Into Junk instead of the inbox.
        public var isJunk = false
        /// Complete header lines: Authentication-Results and what explains the verdict.
        public var headerLines = ByteBuffer()
        /// The verdict as data, JSON.
        public var verdict: String?

        public init() {}
    }

    /// Follows aliases, in rounds, so that no loop can hold it.
    ///
    /// - Throws: `limit` when more than `destinationsMax` addresses are met; what the directory throws.
    public func destinations(of recipients: [EmailAddress]) async throws(DirectoryError) -> Destinations {
        var found = Destinations()
        var seen = Set<EmailAddress>()
        var accounts = Set<AccountID>()
        var round = recipients.map { (address: $0, original: $0) }
        for depth in 0...Self.aliasDepthMax {
            var next: [(address: EmailAddress, original: EmailAddress)] = []
            for item in round where seen.insert(item.address).inserted {
                guard seen.count <= Self.destinationsMax else {
                    throw .limit("addresses behind one message", max: Self.destinationsMax)
                }
                if let sender = forwarding?.original(of: item.address),
                    try await registry.isLocal(domain: item.address.domain)
                {
                    // A bounce of what was sent on goes back to who sent it.
                    next.append((sender, item.original))
                    continue
                }
                switch try await registry.resolve(item.address) {
                case .account(let account, _):
                    if accounts.insert(account).inserted {
                        found.local.append(.init(account: account, original: item.original))
                    }
                case .forwarding(let account, _, let targets, let keepsCopy):
                    if keepsCopy, accounts.insert(account).inserted {
                        found.local.append(.init(account: account, original: item.original))
                    }
                    if depth == Self.aliasDepthMax {
                        found.dead.append(item.address)
                    } else {
                        next += targets.map { (address: $0, original: item.original) }
                    }
                case .forward(let targets), .membersOnly(let targets):
                    if depth == Self.aliasDepthMax {
                        found.dead.append(item.address)
                    } else {
                        next += targets.map { (address: $0, original: item.original) }
                    }
                case .unknownMailbox, .refused: found.dead.append(item.address)
                case .notLocal:
                    found.remote.append(item.address)
                    found.remoteOriginals[item.address] = item.original
                }
            }
            if next.isEmpty { break }
            round = next
        }
        return found
    }

    /// Stores the message for every destination. On disk when it returns.
    ///
    /// - Parameters:
    ///   - treatments: by account; an account without one gets its copy in the inbox.
    ///   - request: what goes on with it to other servers.
    ///   - origin: for the message's trail.
    ///   - found: what its authentication came to, to be sealed into what is sent on; nil when it was not looked at.
    /// - Throws: with nothing stored for anybody.
    @discardableResult
    public func deliver(
        _ message: StagedMessage, from reversePath: ReversePath, to destinations: Destinations,
        treatments: [AccountID: Treatment] = [:], request: MessageRequest = MessageRequest(),
        origin: Origin = Origin(.notice), found: AuthenticationResults? = nil
    ) async throws(StoreError) -> DeliveryReceipt {
        let copies = destinations.local.map { local in
            let treatment = treatments[local.account] ?? Treatment()
            var prefix = ByteBuffer()
            // RFC 5321 §4.4: the final delivery inserts a return-path line at the beginning.
            prefix.writeString("Return-Path: \(Self.printable(reversePath.description))\r\n")
            prefix.writeString("Delivered-To: \(Self.printable(local.original.description))\r\n")
            prefix.writeImmutableBuffer(treatment.headerLines)
            return LocalCopy(
                account: local.account, target: treatment.isJunk ? .specialUse(.junk) : .inbox,
                address: local.original.description, prefix: prefix, verdict: treatment.verdict)
        }
        let entries = await entries(for: message, reversePath, destinations, request, origin, found)
        return try await store.deliver(message, to: copies, queue: entries, origin: origin)
    }

    /// A path in a header field: nothing in it may end the line.
    private static func printable(_ text: String) -> String {
        String(decoding: text.utf8.map { $0 < 0x20 || $0 == 0x7f ? UInt8(ascii: "?") : $0 }, as: UTF8.self)
    }
}
