import DNS
import Logging
import MailCore
import MessageStore
import Observation

/// Once a day each domain that wants to know is told how TLS with its servers went (RFC 8460).
extension Runner {
    /// Domains that are told of one day.
    private static let domainsMax = 1_000
    /// What stands in place of a policy in the count that says that a day was reported.
    private static let reported = "report"

    /// Begins with the reports of yesterday when it is time, some hours after midnight (UTC) that are drawn, so that not all
    /// servers of the world report at once (§4).
    func beginTLSReports() {
        let day = now() / 86_400
        guard options.reportsTLS, reportedDay < day, now() % 86_400 >= reportSeconds else { return }
        reportedDay = day
        reporting?.cancel()
        reporting = Task { await reportTLS(of: day - 1) }
    }

    func reportTLS(of day: Int64) async {
        await keepTLSResults(all: true)
        do {
            let results = try await store.tlsResults(day: day)
            let byDomain = Dictionary(grouping: results) { $0.result.domain }
            for (domain, results) in byDomain.sorted(by: { $0.key < $1.key }).prefix(Self.domainsMax) {
                guard !Task.isCancelled, !results.contains(where: { $0.result.policy == Self.reported }) else {
                    continue
                }
                let addresses = await reportAddresses(of: domain)
                guard !addresses.isEmpty else { continue }
                // First noted, then told: a report less does less harm than one more at each start.
                let mark = TLSResult(day: day, domain: domain, policy: Self.reported, result: "sent")
                try await store.countTLSResults([mark: 1])
                let applied = await policies?.applied(to: domain, now: now())
                let report = TLSReport(
                    hostname: options.hostname, contact: postmaster, domain: domain, day: day,
                    identifier: "\(day).\(String(UInt64.random(in: 0...UInt64.max), radix: 36))", results: results,
                    policy: applied)
                for address in addresses {
                    try await local.deliverNotice(
                        report.message(to: address, writtenAt: now()), to: address, needs: .ignoresTLSPolicy)
                }
                QueueCounters.tlsReports.increment()
            }
        } catch {
            log.warning("reports of TLS cannot be sent", metadata: ["error": "\(error)"])
        }
    }

    /// §3: exactly one record.
    private func reportAddresses(of domain: String) async -> [EmailAddress] {
        let texts = await resolver.texts(of: "_smtp._tls.\(domain)").elements
        let found = texts.prefix(100).compactMap { TLSReport.addresses(String(decoding: $0, as: UTF8.self)) }
        return found.count == 1 ? found[0] : []
    }

    var postmaster: EmailAddress {
        options.postmaster ?? EmailAddress(localPart: "postmaster", domain: options.hostname)
    }
}
