import ArgumentParser
import Control

struct MailboxAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add a mailbox, or a list of them.",
        discussion: """
            A list has a line a mailbox: ADDRESS PASSWORD, or ADDRESS alone, whose password is then made (--generate) \
            or is the one of --password-stdin. Mailboxes are added \(Request.mailboxesMax) at a time; of each such part \
            all are added or none.
            """)

    /// Octets of a list.
    static let listOctetsMax = 256 << 20

    @Argument(help: "The whole address; it is the login name, too.")
    var address: String?

    @Option(help: "Read a list of mailboxes from this file, or from standard input (-).")
    var from: String?

    @Flag(help: "Pass over mailboxes that are there already.")
    var skipExisting = false

    @OptionGroup var source: PasswordOptions
    @OptionGroup var state: StateOptions
    @OptionGroup var output: OutputOptions

    mutating func validate() throws {
        if (address == nil) == (from == nil) { throw ValidationError("Give an address, or a list with --from.") }
        if from == "-", source.passwordStdin {
            throw ValidationError("Standard input cannot be both the list and the password.")
        }
    }

    func run() async throws {
        try await Server(state: state, output: output).run { server throws(Failure) in
            let mailboxes = try mailboxes()
            if mailboxes.count == 1 || from == nil { return try await add(mailboxes, server) }
            var whole = Outcome("")
            var added = 0
            for start in stride(from: 0, to: mailboxes.count, by: Request.mailboxesMax) {
                let part = Array(mailboxes[start..<min(start + Request.mailboxesMax, mailboxes.count)])
                let outcome: Outcome
                do throws(Failure) {
                    outcome = try await add(part, server)
                } catch {
                    // Those added before stay added, and the passwords made for them are shown only now.
                    if added > 0 { Printer.progress("\(added) mailboxes were added before that.") }
                    if source.generate { try? Printer(output).show(whole) }
                    throw error
                }
                let rows = outcome.reports.first?.rows ?? []
                added += rows.count
                if whole.reports.isEmpty { whole.reports = outcome.reports } else { whole.reports[0].rows += rows }
                if start + part.count < mailboxes.count {
                    Printer.progress("\(start + part.count) of \(mailboxes.count)")
                }
            }
            whole.message = "Added \(added) mailbox\(added == 1 ? "" : "es")."
            if added < mailboxes.count { whole.message += " \(mailboxes.count - added) there already." }
            if whole.reports.first?.rows.contains(where: { $0.last != .some(nil) }) == true {
                whole.message += " The passwords made are shown this once."
            }
            return whole
        }
    }

    private func add(_ mailboxes: [NewMailbox], _ server: Server.Performer) async throws(Failure) -> Outcome {
        try await server.perform(.mailboxAdd(mailboxes: mailboxes, skippingExisting: skipExisting))
    }

    private func mailboxes() throws(Failure) -> [NewMailbox] {
        if let address { return [NewMailbox(address: address, password: try source.password(for: address))] }
        let name = from ?? "-"
        let list = try MailboxList(try InputFile.read(name, octetsMax: Self.listOctetsMax), name: name)
        var common: NewPassword?
        var mailboxes: [NewMailbox] = []
        for entry in list.entries {
            if let password = entry.password {
                mailboxes.append(NewMailbox(address: entry.address, password: .given(password)))
                continue
            }
            guard source.generate || source.passwordStdin else {
                throw Failure(
                    .usage, "no-password", tried: "read \(name)", obstacle: "\(entry.address) has no password there",
                    next: "Have it made with --generate, or give one for all such with --password-stdin.")
            }
            if common == nil { common = try source.password(for: entry.address) }
            mailboxes.append(NewMailbox(address: entry.address, password: common ?? .generated))
        }
        guard !mailboxes.isEmpty else {
            throw Failure(.usage, "empty-list", tried: "read \(name)", obstacle: "it names no mailbox")
        }
        return mailboxes
    }
}
