import Appliance
import ArgumentParser
import Control
import Glibc

/// Arguments in, sentences and exit codes out.
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
            MailboxCommands.self, AliasCommands.self, SendAsCommands.self, DKIMCommands.self, QueueCommands.self,
            SuppressCommands.self, SpamCommands.self,
            BackupCommands.self,
            RestoreCommands.self, QuotaCommands.self, FolderCommands.self, MessageCommands.self, Undelete.self,
            Trace.self, Check.self,
            StoreCommands.self,
        ])
}

/// Where the process begins. The main thread changes what is each thread's own (signal mask, capabilities), starts the
/// command on the shared pool, and sleeps: the runtime's own main loop would unblock the signals again.
@main
enum Entry {
    static func main() {
        let words = LeadingOptions.movedBehind(CommandLine.arguments.dropFirst())
        do {
            try (Postino.parseAsRoot(words) as? any Preparing)?.prepare()
        } catch {
            Postino.exit(withError: error)
        }
        Task.detached { await perform(words) }
        while true { pause() }
    }

    private static func perform(_ words: [String]) async -> Never {
        do {
            var command = try Postino.parseAsRoot(words)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            Postino.exit()
        } catch {
            Postino.exit(withError: error)
        }
    }
}

/// A command that changes the process before any other thread starts.
protocol Preparing {
    func prepare() throws
}
