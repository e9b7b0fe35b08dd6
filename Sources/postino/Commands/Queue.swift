import ArgumentParser
import Control

struct QueueCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue", abstract: "Mail on its way out.", subcommands: [List.self, Retry.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List queued mail, a line a recipient.")

        @OptionGroup var filter: FilterOptions
        @OptionGroup var state: StateOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await Server(state: state, output: output).perform(.queueList(filter.filter))
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Try queued mail again now, all of it or some; held mail is released.")

        @OptionGroup var filter: FilterOptions
        @OptionGroup var state: StateOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await Server(state: state, output: output).perform(.queueRetry(filter.filter))
        }
    }

    struct FilterOptions: ParsableArguments {
        @Argument(help: "Only the message with this number.")
        var id: Int64?

        @Option(help: "Only recipients in this domain.")
        var domain: String?

        @Option(help: "Only this recipient.")
        var recipient: String?

        @Option(help: "Only mail of this sender.")
        var sender: String?

        var filter: QueueFilter { QueueFilter(id: id, domain: domain, recipient: recipient, sender: sender) }
    }
}
