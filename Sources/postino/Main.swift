import Appliance
import ArgumentParser
import Control

/// Arguments in, sentences and exit codes out.
@main
struct Postino: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "postino",
        abstract: "Postino, a mail server: SMTP, IMAP, POP3, filter, store and backup in one.",
        usage: "postino [--state DIR | --config FILE] <noun> <verb> …",
        discussion: """
            Commands go to the server that serves the state folder, over its control socket, or work on the folder \
            itself when no server runs. The folder is that of --state, of the variable POSTINO_STATE, or of the \
            configuration file (--config, or \(StateOptions.defaultConfigurationPath)).

            Every command takes --json: then its answer, or its error, is JSON on standard output.

            Exit codes: \(ExitCode.allCases.map { "\($0.rawValue) \($0.explanation)" }.joined(separator: "; ")).
            """,
        version: "postino \(Version.text)",
        subcommands: [
            Serve.self, Localserve.self, StatusCommand.self, ConfigCommands.self, DomainCommands.self,
            MailboxCommands.self, AliasCommands.self, QueueCommands.self, SpamCommands.self, BackupCommands.self,
            RestoreCommands.self,
        ])

    static func main() async {
        do {
            let words = LeadingOptions.movedBehind(CommandLine.arguments.dropFirst())
            // Before the first `await`: here the process still has one thread.
            try (parseAsRoot(words) as? any Preparing)?.prepare()
            var command = try parseAsRoot(words)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            exit(withError: error)
        }
    }
}

/// A command that changes the process before any other thread starts.
protocol Preparing {
    func prepare() throws
}
