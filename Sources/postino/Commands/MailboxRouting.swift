import ArgumentParser
import Control

struct MailboxForward: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forward", abstract: "Send the mail of a mailbox on to others, in place of those before.")

    @Argument(help: "Its address.")
    var address: String

    @Argument(help: "Where its mail goes: addresses here or elsewhere.")
    var targets: [String] = []

    @Flag(help: "Keep no copy in the mailbox.")
    var noCopy = false

    @Flag(help: "Send it on to nobody any more.")
    var off = false

    @OptionGroup var state: StateOptions
    @OptionGroup var output: OutputOptions

    mutating func validate() throws {
        if off, !targets.isEmpty || noCopy { throw ValidationError("--off goes with the address alone.") }
        if !off, targets.isEmpty { throw ValidationError("Say where the mail goes, or --off.") }
    }

    func run() async throws {
        try await Server(state: state, output: output).perform(
            .mailboxForward(address: address, targets: targets, keepsCopy: !noCopy))
    }
}

struct MailboxSuspend: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "suspend", abstract: "Close a mailbox for logins, and if you like for mail. What it holds stays.")

    @Argument(help: "Its address.")
    var address: String

    @Option(help: "Why, in one line; with --refuse-mail strangers are told.")
    var reason: String

    @Flag(help: "Refuse mail to it (550 5.2.1 and the reason).")
    var refuseMail = false

    @OptionGroup var state: StateOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Server(state: state, output: output).perform(
            .mailboxSuspend(address: address, reason: reason, refusesMail: refuseMail))
    }
}

struct MailboxResume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Open a suspended mailbox again.")

    @Argument(help: "Its address.")
    var address: String

    @OptionGroup var state: StateOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Server(state: state, output: output).perform(.mailboxResume(address: address))
    }
}
