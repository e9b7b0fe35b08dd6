import MailAuth
public import MailCore
import OutboundQueue

/// How mail that aliases lead elsewhere is sent on: from a reverse-path of ours, so that SPF passes at the next server and
/// bounces find their way back (SRS), and sealed with what was found when it came (ARC, RFC 8617).
public struct Forwarding: Sendable {
    private let secret: [UInt8]
    private let now: @Sendable () -> Int64

    /// - Parameters:
    ///   - secret: at least 16 octets that nobody else knows, the same for as long as bounces may come.
    ///   - now: seconds since 1970-01-01T00:00:00Z.
    public init(secret: [UInt8], now: @escaping @Sendable () -> Int64) {
        self.secret = secret
        self.now = now
    }

    /// The reverse-path to send on with. The null one stays, since a notice must not be answered.
    func reversePath(for path: ReversePath, through alias: EmailAddress) -> ReversePath {
        guard let sender = path.address else { return path }
        let scheme = SenderRewriting(domain: alias.domain, secrets: [secret])
        return .address(scheme.rewrite(sender, unixSeconds: now()))
    }

    /// Whom a bounce goes to that came to an address of this scheme; nil for any other address, for one that we did not
    /// make, and for one that is too old.
    public func original(of recipient: EmailAddress) -> EmailAddress? {
        let tag = recipient.localPart.prefix(4).uppercased()
        guard tag == "SRS0" || tag == "SRS1" else { return nil }
        let scheme = SenderRewriting(domain: recipient.domain, secrets: [secret])
        return try? scheme.original(of: recipient, unixSeconds: now())
    }

    /// What the queue needs to seal a message with.
    static func seal(_ found: AuthenticationResults, through alias: EmailAddress) -> QueueOptions.Seal {
        let status = found.results.first { $0.method == "arc" }.flatMap { ARCStatus(rawValue: $0.result) }
        // Its value alone, without a line end.
        var value = found.field.dropFirst(AuthenticationResults.fieldName.count + 1)
        while value.first == " " { value.removeFirst() }
        while value.last?.isNewline == true { value.removeLast() }
        return .init(domain: alias.domain, status: (status ?? ARCStatus.none).rawValue, results: String(value))
    }
}
