public import DNS
import Glibc
public import MailCore
import Observation

/// Judges clients by the SPF records of domains (RFC 7208).
public struct SPFEvaluator: Sendable {
    private static let checks = Counter("postino_spf_checks_total", help: "SPF checks that were made.")

    let resolver: any Resolver
    /// Our host name, for the macro `r`.
    let receiver: String
    /// For one whole check; RFC 7208 §4.6.4 wants at least 20. Beyond it the result is temperror.
    let millisecondsMax: Int

    public init(resolver: any Resolver, receiver: String, millisecondsMax: Int = 20_000) {
        self.resolver = resolver
        self.receiver = receiver
        self.millisecondsMax = millisecondsMax
    }

    /// RFC 7208 §2.4: the domain of the reverse-path; for a null one, `postmaster@` the HELO name.
    public func checkMailFrom(_ path: ReversePath, helo: String, client: IPAddress) async -> SPFOutcome {
        switch path {
        case .null:
            await check(
                .mailFrom, domain: helo, localPart: "postmaster", senderDomain: helo, helo: helo, client: client)
        case .address(let address):
            await check(
                .mailFrom, domain: address.domain, localPart: address.localPart, senderDomain: address.domain,
                helo: helo,
                client: client)
        }
    }

    /// RFC 7208 §2.3.
    public func checkHelo(_ helo: String, client: IPAddress) async -> SPFOutcome {
        await check(.helo, domain: helo, localPart: "postmaster", senderDomain: helo, helo: helo, client: client)
    }

    private func check(
        _ identity: SPFOutcome.Identity, domain: String, localPart: String, senderDomain: String, helo: String,
        client: IPAddress
    ) async -> SPFOutcome {
        Self.checks.increment()
        let expansion = SPFExpansion(
            client: client, senderLocalPart: localPart.isEmpty ? "postmaster" : localPart, senderDomain: senderDomain,
            helo: helo, domain: domain, receiver: receiver, time: Int64(time(nil)))
        let judgement = await TimeLimit.run(milliseconds: millisecondsMax) { [resolver] in
            var check = SPFCheck(resolver: resolver, expansion: expansion)
            return await check.run()
        }
        guard let judgement else {
            return SPFOutcome(
                result: .temperror, identity: identity, domain: domain, reason: "no result within \(millisecondsMax) ms"
            )
        }
        return SPFOutcome(
            result: judgement.result, identity: identity, domain: domain,
            reason: PlainText.printable(judgement.reason, max: 300),
            explanation: judgement.explanation)
    }
}
