import Antivirus
import Control
import ControlServer
import DNS
import Delivery
import Directory
import Execution
import Filter
import Glibc
import IMAP
import IMAPServer
import Logging
import MailAuth
import MailCore
import MailCrypto
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

/// A server that serves: an assembly with its scanner, its queue, its schedules and its ports.
final class Server: Sendable {
    /// Where it serves; 0 for what is switched off.
    struct Ports: Sendable {
        var smtp = 0
        var submission = 0
        var submissions = 0
        var lmtp = 0
        var imap = 0
        var imaps = 0
        var pop3 = 0
        var pop3s = 0
        var http = 0
    }

    let assembly: Assembly
    let ports: Ports
    private let loops: EventLoops
    private let tls: TLSContexts?
    private let resolver: any Resolver
    private let scanner: Scanner?
    private let runner: Runner
    private let listeners: [Transport.Listener]
    private let health: HealthServer?
    private let control: ControlServer.Listener
    private let schedule: Schedule
    private let upkeep: Upkeep
    private let warner: QuotaWarner
    private let rotation: KeyRotation
    private let ballast: Ballast

    /// Starts everything; when it returns all ports serve. On failure everything is stopped again.
    static func start(_ assembly: Assembly, loops: EventLoops) async throws -> Server {
        let builder = ServerBuilder(assembly: assembly, loops: loops)
        do {
            return try await builder.build()
        } catch {
            await builder.undo()
            throw error
        }
    }

    init(
        assembly: Assembly, ports: Ports, loops: EventLoops, tls: TLSContexts?, resolver: any Resolver,
        scanner: Scanner?,
        runner: Runner, listeners: [Transport.Listener], health: HealthServer?, control: ControlServer.Listener,
        schedule: Schedule, upkeep: Upkeep, warner: QuotaWarner, rotation: KeyRotation, ballast: Ballast
    ) {
        self.assembly = assembly
        self.ports = ports
        self.loops = loops
        self.tls = tls
        self.resolver = resolver
        self.scanner = scanner
        self.runner = runner
        self.listeners = listeners
        self.health = health
        self.control = control
        self.schedule = schedule
        self.upkeep = upkeep
        self.warner = warner
        self.rotation = rotation
        self.ballast = ballast
    }

    /// Reads certificates again, and the scanner its signatures. A bad certificate leaves the old one serving.
    func reload() async {
        if let tls {
            do {
                try tls.reload()
                assembly.log.notice("certificate read again", metadata: ["file": "\(tls.files.certificates)"])
            } catch {
                assembly.log.error(
                    "the new certificate cannot be used; the old one goes on serving",
                    metadata: ["error": "\(error.diagnostic)"])
            }
        }
        if let problem = await scanner?.reload() {
            assembly.log.error("signatures cannot be read again", metadata: ["error": "\(problem)"])
        }
    }

    /// In order: no new work, what is under way ends, then the store. Within 10 seconds.
    func stop() async {
        assembly.log.notice("stopping")
        control.stop()
        await schedule.stop()
        await warner.stop()
        await rotation.stop()
        await upkeep.stop()
        await ballast.stop()
        await health?.stop()
        await withTaskGroup(of: Void.self) { group in
            for listener in listeners { group.addTask { await listener.stop(withinSeconds: 5) } }
            group.addTask { [runner] in await runner.stop(withinSeconds: 5) }
        }
        await scanner?.stop()
        (resolver as? UnboundResolver)?.stop()
        await assembly.close()
        await loops.stop()
        assembly.log.notice("stopped")
    }
}
