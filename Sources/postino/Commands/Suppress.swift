import ArgumentParser
import Control

struct SuppressCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "suppress", abstract: "Addresses that are not written to.",
        subcommands: [List.self, Add.self, Remove.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List them, and why.")

        @OptionGroup var state: StateOptions
        @OptionGroup var output: OutputOptions

        func run() async throws { try await Server(state: state, output: output).perform(.suppressList) }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Send nothing more to an address.")

        @Argument(help: "The address.")
        var address: String

        @Option(help: "Why, for whoever reads the list.")
        var reason = "by command"

        @Option(help: "Only bulk mail, for so many days (everybody's, for ever).")
        var days: Int?

        @OptionGroup var state: StateOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await Server(state: state, output: output).perform(
                .suppressAdd(address: address, reason: reason, days: days))
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Send to an address again.")

        @Argument(help: "The address.")
        var address: String

        @OptionGroup var state: StateOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await Server(state: state, output: output).perform(.suppressRemove(address: address))
        }
    }
}
