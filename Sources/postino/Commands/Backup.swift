import ArgumentParser
import Control

struct BackupCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copies of the whole server.",
        subcommands: [Now.self, List.self, Verify.self])

    struct Now: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a backup set now.")

        @OptionGroup var state: StateOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await Server(state: state, output: output).perform(.backupNow)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the backup sets.")

        @OptionGroup var state: StateOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await Server(state: state, output: output).perform(.backupList)
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prove that a backup set can be restored: by restoring it aside and reading it.")

        @Argument(help: "The set (the newest).")
        var set: String?

        @OptionGroup var state: StateOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await Server(state: state, output: output).perform(.backupVerify(set: set))
        }
    }
}
