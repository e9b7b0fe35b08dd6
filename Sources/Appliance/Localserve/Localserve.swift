public import Control
import Directory
import Glibc
import Logging
import MailCore
import MailCrypto
import MessageStore
import Observation
import Transport

/// `postino localserve`: a whole server on loopback, for trying out and for tests of other programs.
public enum Localserve {
    static let host = "127.0.0.1"

    /// Holds signals back. While the process has one thread.
    public static func prepare() { Signals.block() }

    /// Serves until SIGTERM or SIGINT. After `prepare`.
    ///
    /// - Parameter announce: is given what a person should know once everything serves.
    public static func run(
        _ options: LocalserveOptions, announce: @Sendable (String) -> Void
    ) async throws(Failure) {
        do {
            let signals = Signals()
            Log.start(level: .info)
            _ = Identity.raiseFileLimit()
            let folder = try StateFolder(options.state, creating: true)
            if options.isFresh { try folder.empty() }
            unlink(folder.file("env"))
            let certificates = try LocalCertificates(folder: folder, domain: options.domain, now: Assembly.now())
            let settings = try Self.settings(options, folder, certificates)
            try await Serve.serve(settings, signals) { server in
                try await makeMailboxes(options, server.assembly)
                var configuration = settings.configuration
                configuration.take(server.ports)
                try SmallFile.write(configuration.file, to: folder.file("postino.yaml"))
                let environment = Environment(
                    options: options, folder: folder, ports: server.ports, authorityFile: certificates.authorityFile)
                try SmallFile.write(environment.text, to: folder.file("env"), mode: 0o644)
                announce(environment.text + "\n" + environment.explanation)
            }
            unlink(folder.file("env"))
        } catch {
            throw .start(error)
        }
    }

    private static func settings(
        _ options: LocalserveOptions, _ folder: StateFolder, _ certificates: LocalCertificates
    ) throws -> Settings {
        var configuration = Configuration()
        configuration.hostname = "mail.\(options.domain)"
        configuration.state = folder.path
        configuration.user = ""
        configuration.listenHost = host
        configuration.httpHost = host
        configuration.certificateFile = certificates.files.certificates
        configuration.keyFile = certificates.files.key
        configuration.isFilterOn = options.isFilterOn
        configuration.isCompressionOn = options.isCompressionOn
        try folder.makeFolder("backups")
        configuration.backupFolder = folder.file("backups")
        configuration.take(Server.Ports(base: options.portBase))
        if let signatures = options.signatures {
            configuration.signaturesFolder = absolute(signatures)
        } else {
            try folder.makeFolder("signatures")
            configuration.signaturesFolder = folder.file("signatures")
        }
        // A disk that is nearly full is no reason not to try it out.
        configuration.reserveMebioctets = 64
        if options.limits == .lab {
            configuration.connectionsMax = 1_000_000
            configuration.connectionsPerAddressMax = 1_000_000
        }
        var route = Settings.Route.captured(folder: folder.file("outgoing"))
        if let relay = try hostPort(options.relay, "--relay") {
            route = .relayed(relay)
            configuration.relay = relay
        } else {
            try folder.makeFolder("outgoing")
        }
        var lookups = Settings.Lookups.none
        if let resolver = try hostPort(options.dns, "--dns") {
            lookups = .resolver(resolver)
            configuration.dnsResolver = resolver
        }
        var settings = Settings(configuration: configuration, folder: folder, route: route, lookups: lookups)
        settings.tls = certificates.files
        settings.allowsCleartextLogin = true
        settings.hasLabLimits = options.limits == .lab
        settings.acceptsOlderIndex = options.acceptsOlderIndex
        settings.passwordCost = options.limits == .lab ? .lab : .standard
        settings.takesAnyPort = options.portBase == 0
        return settings
    }

    private static func hostPort(_ text: String?, _ option: String) throws -> HostPort? {
        guard let text else { return nil }
        guard let address = HostPort(text) else {
            throw Failure(.usage, "usage", tried: "start", obstacle: "\(option) must be HOST:PORT, not \(text)")
        }
        return address
    }

    private static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let here = getcwd(nil, 0) else { return path }
        defer { free(here) }
        return String(cString: here) + "/" + path
    }

    /// The domain and user0, user1 …; those that are there already are left as they are.
    private static func makeMailboxes(_ options: LocalserveOptions, _ assembly: Assembly) async throws {
        let registry = assembly.registry
        let store = assembly.store
        if try await !registry.isLocal(domain: options.domain) {
            try await registry.addDomain(
                options.domain, postmaster: EmailAddress(localPart: "user0", domain: options.domain))
        }
        let last = EmailAddress(localPart: "user\(options.mailboxes - 1)", domain: options.domain)
        if try await registry.account(last) != nil { return }
        for start in stride(from: 0, to: options.mailboxes, by: 5_000) {
            let accounts = (start..<min(start + 5_000, options.mailboxes)).map {
                NewAccount(
                    address: EmailAddress(localPart: "user\($0)", domain: options.domain), password: options.password)
            }
            try await registry.addAccounts(accounts, skippingExisting: true) { id, domain, transaction in
                try store.createAccount(id, domain: domain, in: transaction)
            }
        }
    }
}

extension Server.Ports {
    /// The standard ports above a base.
    init(base: Int) {
        smtp = base + 25
        submission = base + 587
        submissions = base + 465
        imap = base + 143
        imaps = base + 993
        pop3 = base + 110
        pop3s = base + 995
        http = base + 80
    }
}

extension Configuration {
    mutating func take(_ ports: Server.Ports) {
        smtpPort = ports.smtp
        submissionPort = ports.submission
        submissionsPort = ports.submissions
        imapPort = ports.imap
        imapsPort = ports.imaps
        pop3Port = ports.pop3
        pop3sPort = ports.pop3s
        httpPort = ports.http
    }
}
