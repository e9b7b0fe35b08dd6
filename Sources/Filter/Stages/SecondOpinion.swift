import Antivirus
import DNS
import Logging
import MailAuth
import MailCore
import Observation
import Synchronization

/// Asks libspf2 for SPF after our own evaluator has decided; disagreements are counted and logged, never acted upon.
final class SecondOpinion: Sendable {
    private static let asked = Counter(
        "postino_spf_second_opinions_total", help: "SPF checks that libspf2 judged as well.")
    private static let disagreed = Counter(
        "postino_spf_disagreements_total", help: "SPF checks that libspf2 judged otherwise.")
    /// Asked at one time; beyond that the opinion is not sought.
    private static let atOnceMax = 16
    private static let millisecondsMax = 10_000

    private let consultant: any SPFConsulting
    private let resolver: any Resolver
    private let underWay = Atomic<Int>(0)
    private let log = Log.logger("spf")

    init(_ consultant: any SPFConsulting, _ resolver: any Resolver) {
        self.consultant = consultant
        self.resolver = resolver
    }

    /// Returns at once. Loopback clients are left out: libspf2 says pass to all of them.
    func seek(_ examination: Examination, _ outcome: SPFOutcome) {
        guard !examination.client.isLoopback, outcome.result != .temperror else { return }
        guard underWay.wrappingAdd(1, ordering: .relaxed).newValue <= Self.atOnceMax else {
            underWay.wrappingSubtract(1, ordering: .relaxed)
            return
        }
        let (client, helo, path) = (examination.client, examination.helo, examination.reversePath)
        Task { [self] in
            defer { underWay.wrappingSubtract(1, ordering: .relaxed) }
            let opinion = await TimeLimit.run(milliseconds: Self.millisecondsMax) { [consultant, resolver] in
                await consultant.checkSPF(
                    client: client.octets, helo: helo, mailFrom: path.address.map { "\($0)" } ?? "",
                    resolve: { await resolver.answer($0) })
            }
            if let opinion { compare(opinion, outcome, client) }
        }
    }

    private func compare(_ opinion: SPFOpinion, _ outcome: SPFOutcome, _ client: IPAddress) {
        guard let theirs = opinion.result, theirs != .temperror else { return }
        Self.asked.increment()
        guard theirs != outcome.result else { return }
        Self.disagreed.increment()
        log.info(
            "libspf2 judges otherwise",
            metadata: [
                "client": "\(client)", "domain": "\(outcome.domain)", "ours": "\(outcome.result.rawValue)",
                "libspf2": "\(theirs.rawValue)", "reason": "\(outcome.reason)",
            ])
    }
}

extension SPFOpinion {
    fileprivate var result: SPFResult? {
        switch self {
        case .none: SPFResult.none
        case .neutral: .neutral
        case .pass: .pass
        case .fail: .fail
        case .softfail: .softfail
        case .temperror: .temperror
        case .permerror: .permerror
        case .unavailable: nil
        }
    }
}

extension Resolver {
    fileprivate func answer(_ lookup: SPFLookup) async -> SPFLookupAnswer {
        switch lookup.kind {
        case .a: SPFLookupAnswer(await ipv4Addresses(of: lookup.name)) { $0.octets }
        case .aaaa: SPFLookupAnswer(await ipv6Addresses(of: lookup.name)) { $0.octets }
        case .ptr: SPFLookupAnswer(Lookup(await query(lookup.name, .ptr), RecordData.name)) { Array($0.utf8) }
        case .txt: SPFLookupAnswer(await texts(of: lookup.name)) { $0 }
        case .mx:
            switch await mailExchangers(of: lookup.name) {
            case .hosts(let hosts, _): .records(hosts.map { Array($0.host.utf8) })
            case .nullMX: .records([[]])
            case .none: .noData
            case .nameError: .notFound
            case .temporaryFailure: .temporaryFailure
            }
        }
    }
}

extension SPFLookupAnswer {
    fileprivate init<Element>(_ lookup: Lookup<Element>, _ octets: (Element) -> [UInt8]) {
        switch lookup {
        case .found(let elements, _): self = .records(elements.map(octets))
        case .noData: self = .noData
        case .nameError: self = .notFound
        case .temporaryFailure: self = .temporaryFailure
        }
    }
}
