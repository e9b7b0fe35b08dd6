import ArgumentParser
import Control

struct SendAsCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send-as", abstract: "As whom a mailbox may send, besides itself and the aliases that lead to it.",
        subcommands: [Grant.self, List.self, Revoke.self])

    struct Grant: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let a mailbox send as others.")

        @Argument(help: "The address of the mailbox.")
        var address: String

        @Argument(help: "Addresses, here or elsewhere; @DOMAIN for all of a domain.")
        var others: [String]

        @OptionGroup var state: StateOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await Server(state: state, output: output).perform(.sendAsGrant(address: address, others: others))
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List what a mailbox was granted.")

        @Argument(help: "The address of the mailbox.")
        var address: String

        @OptionGroup var state: StateOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await Server(state: state, output: output).perform(.sendAsList(address: address))
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take back what a mailbox was granted.")

        @Argument(help: "The address of the mailbox.")
        var address: String

        @Argument(help: "Addresses; @DOMAIN for all of a domain.")
        var others: [String]

        @OptionGroup var state: StateOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await Server(state: state, output: output).perform(.sendAsRevoke(address: address, others: others))
        }
    }
}
