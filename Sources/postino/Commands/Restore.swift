import ArgumentParser
import Control
import ControlServer

struct RestoreCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Bring back what a backup holds.", subcommands: [RestoreServer.self])

    struct RestoreServer: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "server", abstract: "Restore a whole server into an empty folder.")

        @Argument(help: "The folder of a backup set, or the name of a set in --target.")
        var set: String

        @Option(help: "The folder to restore into: missing or empty.")
        var into: String

        @Option(help: "The folder that holds the backups.")
        var target: String?

        @OptionGroup var output: OutputOptions

        func run() async throws {
            let outcome: Outcome
            do throws(Failure) {
                outcome = try await Hooks.stoppedStore.restoreServer(
                    set: set, target: target, into: into, progress: Printer.progress)
            } catch {
                throw Printer(output).show(error)
            }
            try Printer(output).show(outcome)
        }
    }
}
