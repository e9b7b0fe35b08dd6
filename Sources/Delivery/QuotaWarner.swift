public import Directory
import Logging
import MIME
import MailCore
public import MessageStore
import NIOCore
import Observation

/// Tells people by mail that their mailbox gets full: once at each threshold on the way up.
///
/// What was due while the server was down is told at its next start, since the store remembers who was told what.
public actor QuotaWarner {
    private let registry: Registry
    private let store: MessageStore
    private let hostname: String
    /// Seconds since 1970-01-01T00:00:00Z.
    private let now: @Sendable () -> Int64
    private let log = Log.logger("delivery")
    private var subscription: ChangeHub.Subscription?
    private var task: Task<Void, Never>?

    public init(
        registry: Registry, store: MessageStore, hostname: String, now: @escaping @Sendable () -> Int64
    ) {
        self.registry = registry
        self.store = store
        self.hostname = hostname
        self.now = now
    }

    public func start() {
        guard task == nil else { return }
        // One more is enough however many reached a threshold: each round looks for all of them.
        let (reached, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        subscription = store.hub.subscribeToQuota { _ in continuation.yield() }
        continuation.yield()
        task = Task { [weak self] in
            for await _ in reached { await self?.warnAll() }
        }
    }

    public func stop() async {
        subscription?.cancel()
        task?.cancel()
        await task?.value
    }

    private func warnAll() async {
        do {
            let due = try await store.accountsToWarn()
            guard !due.isEmpty else { return }
            let names = try await registry.addresses(of: Set(due.map(\.account)))
            for (account, percent) in due {
                guard let address = names[account] else { continue }
                let state = try await store.quotaState(of: account)
                let message = QuotaWarning(
                    address: address, state: state, percent: percent, hostname: hostname, writtenAt: now())
                let prefix = ByteBuffer(string: "Return-Path: <>\r\n")
                try await store.deliverQuotaWarning(
                    try await store.stage(message.octets),
                    to: LocalCopy(account: account, address: address.description, prefix: prefix), percent: percent)
                log.notice("told of a full mailbox", metadata: ["address": "\(address)", "percent": "\(percent)"])
            }
        } catch {
            log.error("a quota warning cannot be delivered", metadata: ["error": "\(error)"])
        }
    }
}

/// The message itself, 7-bit.
struct QuotaWarning {
    var address: EmailAddress
    var state: QuotaState
    var percent: Int
    var hostname: String
    var writtenAt: Int64

    var octets: ByteBuffer {
        var fields = HeaderBuilder()
        fields.append("From", value: "Mail server <postmaster@\(address.domain)>")
        fields.append("To", value: "\(address)")
        fields.append("Subject", text: subject)
        fields.append("Date", date: DateTime(unixSeconds: writtenAt))
        fields.append(
            "Message-ID",
            value: "<quota.\(writtenAt).\(String(UInt64.random(in: 0...UInt64.max), radix: 36))@\(hostname)>")
        // RFC 3834 §5: nobody's vacation notice is to answer it.
        fields.append("Auto-Submitted", value: "auto-generated")
        fields.append("MIME-Version", value: "1.0")
        return EntityBuilder.text(text, fields: fields)
    }

    private var subject: String { percent >= 100 ? "Your mailbox is full" : "Your mailbox is \(percent) % full" }

    private var text: String {
        var text =
            "Your mailbox \(address) holds \(Self.size(state.usage.octets)) in \(state.usage.messages) messages.\n"
        if state.quota.octetsMax > 0 { text += "It may hold \(Self.size(state.quota.octetsMax)).\n" }
        if state.quota.messagesMax > 0 { text += "It may hold \(state.quota.messagesMax) messages.\n" }
        text +=
            percent >= 100
            ? "\nNew mail to you is refused for now, and its senders try again for some days.\n"
            : "\nWhen it is full, new mail to you is refused.\n"
        return text
            + "\nDelete what you no longer need, and empty the trash; or ask your administrator for more room.\n"
    }

    /// "1.5 GiB".
    private static func size(_ octets: Int64) -> String {
        var unit: Int64 = 1
        for name in ["octets", "KiB", "MiB", "GiB"] {
            if octets < unit << 10 {
                return unit == 1 ? "\(octets) \(name)" : "\(octets / unit).\(octets % unit * 10 / unit) \(name)"
            }
            unit <<= 10
        }
        return "\(octets / unit).\(octets % unit * 10 / unit) TiB"
    }
}
