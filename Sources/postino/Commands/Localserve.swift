import Appliance
import ArgumentParser
import Control
import Glibc

struct Localserve: AsyncParsableCommand, Preparing {
    static let configuration = CommandConfiguration(
        abstract: "Run a complete server on loopback, for trying out and for tests of other programs.",
        discussion: """
            Ports are the base plus the standard port (25, 587, 465, 143, 993, 110, 995, and 80 for HTTP). Nothing \
            leaves this machine unless --relay says where to. DIR/env tells other programs what serves where; it is \
            written when all ports serve.
            """)

    enum Limits: String, ExpressibleByArgument, CaseIterable {
        case lab
        case production
    }

    enum Switch: String, ExpressibleByArgument, CaseIterable {
        case on
        case off
    }

    @Option(name: .customLong("state"), help: "The state folder; made when it is missing.")
    var statePath: String

    @Option(help: "Added to each standard port; 0 lets the kernel choose.")
    var portBase = 24_000

    @Option(help: "The domain whose mail is taken.")
    var domain = "example.test"

    @Option(help: "How many mailboxes: user0@DOMAIN and so on.")
    var mailboxes = 2

    @Option(help: "The password of them all.")
    var password = "pw-secret-1"

    @Option(
        help: ArgumentHelp(
            "Send what is not local to this host, instead of catching it in DIR.", valueName: "host:port"))
    var relay: String?

    @Option(help: ArgumentHelp("The only resolver to ask; without it no query is sent.", valueName: "host:port"))
    var dns: String?

    @Option(help: ArgumentHelp("The folder of ClamAV's signatures.", valueName: "dir"))
    var signatures: String?

    @Option(help: "lab: no brakes on rates and connections; production: those of serve.")
    var limits = Limits.lab

    @Option(help: "Judge mail for spam and viruses: on or off.")
    var filter = Switch.on

    @Flag(help: "Offer COMPRESS=DEFLATE in IMAP.")
    var compress = false

    @Flag(help: "Empty the state folder first.")
    var fresh = false

    @Flag(help: "Start although an older mail.db was put back; mail that it does not know moves to lost/.")
    var acceptOlderIndex = false

    @Flag(help: "Return when all ports serve, and leave the server running.")
    var detach = false

    mutating func validate() throws {
        guard (0...64_000).contains(portBase) else { throw ValidationError("--port-base must be 0 to 64000.") }
        guard (1...1_000_000).contains(mailboxes) else { throw ValidationError("--mailboxes must be 1 to 1000000.") }
        guard !password.isEmpty else { throw ValidationError("--password must not be empty.") }
    }

    func prepare() throws {
        if !detach { Appliance.Localserve.prepare() }
    }

    func run() async throws {
        do throws(Failure) {
            if detach {
                let words = CommandLine.arguments.filter { $0 != "--detach" }
                print(try await Detached.start(arguments: words, state: statePath), terminator: "")
            } else {
                try await Appliance.Localserve.run(options) { text in
                    print(text, terminator: "")
                    fflush(nil)
                }
            }
        } catch {
            throw Printer(OutputOptions.plain).show(error)
        }
    }

    private var options: LocalserveOptions {
        var options = LocalserveOptions(state: statePath)
        options.portBase = portBase
        options.domain = domain
        options.mailboxes = mailboxes
        options.password = password
        options.relay = relay
        options.dns = dns
        options.signatures = signatures
        options.limits = limits == .lab ? .lab : .production
        options.isFilterOn = filter == .on
        options.isCompressionOn = compress
        options.isFresh = fresh
        options.acceptsOlderIndex = acceptOlderIndex
        return options
    }
}
