import Antivirus
import Control
import ControlServer
import DNS
import Delivery
import Directory
import Execution
import Filter
import IMAP
import IMAPServer
import Logging
import MailAuth
import MailCore
import MessageStore
import Observation
import OutboundQueue
import POP3
import POP3Server
import SMTP
import SMTPServer
import SpamScoring
import Transport
import Web

/// Builds a `Server` step by step, and takes the steps back when one fails.
actor ServerBuilder {
    private let assembly: Assembly
    private let loops: EventLoops
    private let configuration: Configuration
    private let admission: Admission
    private var tls: TLSContexts?
    private var resolver: any Resolver = DisabledResolver()
    private var validation = "off: no resolver"
    private var scanner: Scanner?
    private var runner: Runner?
    private var listeners: [Transport.Listener] = []
    private var health: HealthServer?
    private var control: ControlServer.Listener?

    init(assembly: Assembly, loops: EventLoops) {
        self.assembly = assembly
        self.loops = loops
        configuration = assembly.settings.configuration
        admission = Admission(
            totalMax: configuration.connectionsMax, perAddressMax: configuration.connectionsPerAddressMax,
            perNetworkMax: configuration.connectionsPerNetworkMax)
    }

    func build() async throws -> Server {
        if let files = assembly.settings.tls { tls = try TLSContexts(files: files) }
        try await assembly.registry.learn()
        resolver = try await makeResolver()
        let pipeline = try await makePipeline()
        let forwarding = Forwarding(secret: try await assembly.registry.secret("srs"), now: Assembly.now)
        let agent = Agent(registry: assembly.registry, store: assembly.store, forwarding: forwarding)
        let runner = Runner(
            options: try await queueOptions(), store: assembly.store, resolver: resolver, loops: loops,
            files: assembly.files,
            local: agent, signing: signing, now: Assembly.now)
        self.runner = runner
        var services = SMTPServer.Services(
            registry: assembly.registry, store: assembly.store, pipeline: pipeline, delivery: agent, resolver: resolver,
            hostname: configuration.hostname, trustedNetworks: configuration.trustedNetworks,
            limits: assembly.settings.hasLabLimits ? ClientLimits() : configuration.clientLimits,
            now: Assembly.now)
        services.submission = configuration.submissionPolicy
        if assembly.settings.hasLabLimits { services.submission = SubmissionPolicy.lab }
        var ports = Server.Ports()
        ports.smtp = try await listenSMTP(configuration.smtpPort, .exchange, services)
        ports.submission = try await listenSMTP(configuration.submissionPort, .submission, services)
        ports.submissions = try await listenSMTP(configuration.submissionsPort, .submission, services, isImplicit: true)
        // Never by chance: whoever reaches this port is believed.
        if configuration.lmtpPort != 0 {
            ports.lmtp = try await listenSMTP(configuration.lmtpPort, .lmtp, services)
        }
        ports.imap = try await listenIMAP(configuration.imapPort)
        ports.imaps = try await listenIMAP(configuration.imapsPort, isImplicit: true)
        ports.pop3 = try await listenPOP3(configuration.pop3Port)
        ports.pop3s = try await listenPOP3(configuration.pop3sPort, isImplicit: true)
        ports.http = try await listenHTTP()
        await runner.start()
        assembly.store.search.start()
        let schedule = Schedule(assembly: assembly)
        let status = Status(
            assembly: assembly, ports: ports, scanner: scanner, admission: admission, validation: validation)
        let control = try ControlServer.Listener(
            state: assembly.settings.folder.path,
            administrator: assembly.administrator(status: status, resolver: resolver))
        self.control = control
        await schedule.start()
        let upkeep = Upkeep(store: assembly.store, options: upkeepOptions())
        await upkeep.start()
        let warner = QuotaWarner(
            registry: assembly.registry, store: assembly.store, hostname: configuration.hostname, now: Assembly.now)
        await warner.start()
        let rotation = KeyRotation(
            registry: assembly.registry, resolver: resolver, rotateDays: configuration.keyRotationDays)
        await rotation.start()
        let ballast = Ballast(
            folder: assembly.settings.folder, reserveOctets: Int64(configuration.reserveMebioctets) << 20,
            files: assembly.files)
        await ballast.start()
        return Server(
            assembly: assembly, ports: ports, loops: loops, tls: tls, resolver: resolver, scanner: scanner,
            runner: runner, listeners: listeners, health: health, control: control, schedule: schedule, upkeep: upkeep,
            warner: warner, rotation: rotation, ballast: ballast)
    }

    func undo() async {
        control?.stop()
        await health?.stop()
        for listener in listeners { await listener.stop(withinSeconds: 1) }
        await runner?.stop(withinSeconds: 1)
        await scanner?.stop()
        (resolver as? UnboundResolver)?.stop()
    }

    // MARK: Services

    private func queueOptions() async throws -> Runner.Options {
        let route: Route =
            switch assembly.settings.route {
            case .captured(let folder): .captured(folder: folder)
            case .relayed(let relay): .relayed(host: relay.host, port: relay.port)
            case .exchangers: .exchangers
            }
        var options = Runner.Options(hostname: configuration.hostname, route: route)
        if case .captured = assembly.settings.route {
        } else {
            options.rules = try RouteFile.rules(configuration.routes)
        }
        if !configuration.authoritiesFile.isEmpty {
            try ClientConnection.trust(authorities: configuration.authoritiesFile)
            options.authorities = configuration.authoritiesFile
        }
        options.usesMTASTS = configuration.usesMTASTS && assembly.settings.lookups != .none
        options.reportsTLS = configuration.sendsTLSReports && assembly.settings.lookups != .none
        options.policyFile = assembly.settings.folder.file("mta-sts")
        // Who a bounce is from must be somebody who can be written to: the host name need not take mail.
        if let domain = try await assembly.registry.domains().first {
            options.postmaster = EmailAddress(localPart: "postmaster", domain: domain.name)
        }
        return options
    }

    /// Signs with the keys of whatever domain has some.
    private var signing: Signing {
        Signing(pool: assembly.cpu) { [registry = assembly.registry] domain in
            try await registry.activeSigningKeys(of: domain).map {
                try DKIMKey(domain: $0.domain, selector: $0.selector, key: $0.key)
            }
        }
    }

    private func upkeepOptions() -> MessageStore.UpkeepOptions {
        var options = MessageStore.UpkeepOptions()
        options.retentionDays = configuration.keepDeletedDays
        options.traceDays = configuration.traceDays
        options.finishedDays = configuration.keepFinishedDays
        return options
    }

    private func makeResolver() async throws -> any Resolver {
        let anchor = configuration.trustAnchorFile.isEmpty ? nil : configuration.trustAnchorFile
        switch assembly.settings.lookups {
        case .none: return DisabledResolver()
        case .recursive:
            validation = "validated"
            return try UnboundResolver(
                UnboundConfiguration(source: .authorities, trustAnchorFile: anchor ?? "/usr/share/dns/root.key"))
        case .resolver(let address):
            var unbound = UnboundConfiguration(
                source: .resolver(host: address.host, port: address.port), trustAnchorFile: anchor)
            validation = anchor == nil ? "not validated: dns.trust_anchor is not set" : "validated"
            // One that strips signatures makes every answer bogus, and must not stop mail.
            if anchor != nil, case .fails(let why) = try await UnboundResolver.probeValidation(unbound) {
                assembly.log.error(
                    "the resolver's answers cannot be validated: DANE is off", metadata: ["why": "\(why)"])
                unbound.trustAnchorFile = nil
                validation = "not validated: \(why)"
            }
            return try UnboundResolver(unbound)
        }
    }

    private func makePipeline() async throws -> Pipeline {
        guard configuration.isFilterOn else { return .off(hostName: configuration.hostname) }
        let folder = assembly.settings.folder
        try folder.makeFolder("scanner")
        let scanner = Scanner(
            ScannerConfiguration(
                signatureFolder: configuration.signaturesFolder, temporaryFolder: folder.file("scanner")))
        self.scanner = scanner
        var suffixes: PublicSuffixList?
        do {
            suffixes = try PublicSuffixList()
        } catch {
            assembly.log.error("DMARC is off", metadata: ["error": "\(error)"])
        }
        var options = Filter.Options(hostName: configuration.hostname)
        options.deliversUnscanned = configuration.whenAntivirusFails == .deliver
        options.trustedSealers = configuration.trustedSealers
        return Pipeline(
            options,
            Filter.Services(
                resolver: resolver, suffixes: suffixes, scanner: scanner,
                signatureCount: { await Self.signatureCount(of: scanner) }, secondOpinion: scanner,
                classifier: assembly.classifier, files: assembly.files, cpu: assembly.cpu))
    }

    /// Nil while it cannot be told: a scanner that is busy starting has not lost its signatures.
    private static func signatureCount(of scanner: Scanner) async -> Int? {
        let status = await scanner.status()
        return status.state == .running ? status.signatures : nil
    }

    // MARK: Ports

    private func listenSMTP(
        _ port: Int, _ role: SMTP.ServerConfiguration.Role, _ services: SMTPServer.Services, isImplicit: Bool = false
    ) async throws -> Int {
        // Without a certificate there is no TLS, and without TLS no login, so that submission could not be used.
        guard isWanted(port), tls != nil || role != .submission else { return 0 }
        var engine = SMTP.ServerConfiguration(
            role: role, hostname: configuration.hostname,
            isSTARTTLSOffered: tls != nil && !isImplicit && role != .lmtp)
        engine.messageOctetsMax = configuration.messageOctetsMax
        engine.recipientsMax = configuration.recipientsMax
        engine.bareLineEnds = configuration.bareLineEnds == .repair ? .repair : .refuse
        if assembly.settings.hasLabLimits { engine.relax() }
        return try await listen(
            port, isImplicit: isImplicit, host: role == .lmtp ? configuration.lmtpHost : configuration.listenHost,
            refusal: "421 4.7.0 \(configuration.hostname) Too many connections\r\n",
            SessionFactory<MailSession> { [engine] facts, _ in
                let session = MailSession(services: services, role: role, facts: facts)
                var engine = engine
                engine.greetingDelaySeconds = session.greetingDelaySeconds
                engine.offersSCRAM = services.registry.offersSCRAM
                return (SMTP.ServerSession(engine, tls: facts.tls), session)
            })
    }

    private func listenIMAP(_ port: Int, isImplicit: Bool = false) async throws -> Int {
        guard isWanted(port), tls != nil || !isImplicit else { return 0 }
        var engine = IMAP.ServerConfiguration()
        engine.messageOctetsMax = configuration.messageOctetsMax
        engine.allowsCleartextLogin = assembly.settings.allowsCleartextLogin
        engine.offersCompression = configuration.isCompressionOn
        engine.idleKeepAliveSeconds =
            configuration.idleKeepAliveSeconds > 0 ? configuration.idleKeepAliveSeconds : nil
        engine.offersStartTLS = tls != nil && !isImplicit
        let services = IMAPServer.Services(
            registry: assembly.registry, store: assembly.store, cpu: assembly.cpu, version: Version.text)
        return try await listen(
            port, isImplicit: isImplicit, refusal: "* BYE Too many connections\r\n", services.sessions(engine))
    }

    private func listenPOP3(_ port: Int, isImplicit: Bool = false) async throws -> Int {
        guard isWanted(port), tls != nil || !isImplicit else { return 0 }
        var engine = POP3.Configuration(hostName: configuration.hostname)
        engine.loginDelaySeconds = configuration.pop3LoginDelaySeconds
        engine.offersTLS = tls != nil && !isImplicit
        engine.allowsCleartextLogin = assembly.settings.allowsCleartextLogin
        let services = POP3Server.Services(
            registry: assembly.registry, store: assembly.store, locks: assembly.maildropLocks,
            loginDelaySeconds: configuration.pop3LoginDelaySeconds)
        return try await listen(
            port, isImplicit: isImplicit, refusal: "-ERR [SYS/TEMP] Too many connections\r\n",
            SessionFactory { [engine] facts, _ in
                var engine = engine
                engine.offersSCRAM = services.registry.offersSCRAM
                return (
                    POP3.ServerSession(configuration: engine, isTLSActive: facts.tls != nil),
                    MaildropSession(services: services, facts: facts)
                )
            })
    }

    private func listenHTTP() async throws -> Int {
        guard isWanted(configuration.httpPort) else { return 0 }
        let port = assembly.settings.takesAnyPort ? 0 : configuration.httpPort
        let health = try await HealthServer.start(host: configuration.httpHost, port: port, on: loops) { [admission] in
            [("postino_connections", "Connections open now", admission.total)]
        }
        self.health = health
        return health.port
    }

    private func isWanted(_ port: Int) -> Bool { port != 0 || assembly.settings.takesAnyPort }

    private func listen<Served: Session>(
        _ port: Int, isImplicit: Bool, host: String? = nil, refusal: String, _ factory: SessionFactory<Served>
    ) async throws -> Int {
        let listener = try await Transport.Listener.start(
            .init(
                host: host ?? configuration.listenHost, port: assembly.settings.takesAnyPort ? 0 : port,
                isImplicitTLS: isImplicit, tls: tls, admission: admission, refusal: refusal,
                proxies: configuration.proxyNetworks),
            on: loops, serving: factory)
        listeners.append(listener)
        return listener.port
    }
}

extension SubmissionPolicy {
    /// For tests of other programs, whose messages say From whatever they like.
    fileprivate static var lab: SubmissionPolicy {
        var policy = SubmissionPolicy()
        policy.checksFrom = false
        return policy
    }
}

extension SMTP.ServerConfiguration {
    /// For tests of other programs: what a stranger's patience is limited by is taken off.
    fileprivate mutating func relax() {
        errorsMax = 1_000_000
        idleCommandsMax = 1_000_000
        refusedRecipientsMax = 1_000_000
    }
}
