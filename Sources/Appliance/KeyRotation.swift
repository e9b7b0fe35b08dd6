import ControlServer
import DNS
import Directory
import Logging
import MailAuth
import Observation

/// Changes the keys that sign mail on a timetable, without a gap: new keys are made, sign when their records are seen in
/// the DNS, and the old ones' records are kept until everything that they signed has arrived.
actor KeyRotation {
    private static let checkSeconds = 3_600
    /// Mail waits in queues for five days; verifiers and archives get some more.
    private static let keepRetiredSeconds: Int64 = 14 * 86_400

    private let registry: Registry
    private let resolver: any Resolver
    /// 0: only by command.
    private let rotateDays: Int
    private let log = Log.logger("dkim")
    private var task: Task<Void, Never>?

    init(registry: Registry, resolver: any Resolver, rotateDays: Int) {
        self.registry = registry
        self.resolver = resolver
        self.rotateDays = rotateDays
    }

    func start() { task = Task { await run() } }

    func stop() async {
        task?.cancel()
        await task?.value
    }

    private func run() async {
        while !Task.isCancelled {
            do {
                try await check(now: Assembly.now())
            } catch {
                log.error("signing keys cannot be looked after", metadata: ["error": "\(error)"])
            }
            guard (try? await Task.sleep(for: .seconds(Self.checkSeconds))) != nil else { return }
        }
    }

    func check(now: Int64) async throws {
        for (domain, rows) in Dictionary(grouping: try await registry.signingKeys(), by: \.domain) {
            let waiting = rows.filter { $0.state == .waiting }
            if !waiting.isEmpty {
                try await begin(domain, waiting)
            } else if rotateDays > 0, let newest = rows.filter({ $0.state == .signing }).compactMap(\.signsSince).max(),
                now - newest >= Int64(rotateDays) * 86_400
            {
                let made = try await SigningKeyMaker.add(to: registry, domain, signsAtOnce: false)
                log.notice(
                    "new signing keys wait for their records; see postino dkim txt",
                    metadata: ["domain": "\(domain)", "selectors": "\(made.map(\.selector))"])
            }
        }
        for name in try await registry.removeSigningKeys(retiredBefore: now - Self.keepRetiredSeconds) {
            log.notice("the record of an old signing key can be removed", metadata: ["name": "\(name)"])
        }
    }

    /// All of them or none: who verifies one of two signatures only should not be told that the other is bad.
    private func begin(_ domain: String, _ waiting: [SigningKeyRow]) async throws {
        for row in waiting {
            let key = try DKIMKey(domain: row.domain, selector: row.selector, key: row.key)
            guard await key.published(resolver) == .right else { return }
        }
        try await registry.startSigning(domain)
        log.notice("new signing keys in use", metadata: ["domain": "\(domain)"])
    }
}
