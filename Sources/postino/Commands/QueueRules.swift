import ArgumentParser
import Control

/// `postino queue rules`: what is held as soon as it is queued.
struct QueueRules: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules", abstract: "What is held when it is queued.",
        subcommands: [List.self, Add.self, Remove.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the rules.")

        @OptionGroup var state: StateOptions
        @OptionGroup var output: OutputOptions

        func run() async throws { try await Server(state: state, output: output).perform(.queueRules) }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Hold what is like this; without a condition all mail for elsewhere.")

        @Option(help: "Of this sender, or of a whole domain: @DOMAIN.")
        var sender: String?

        @Option(help: "To recipients in this domain.")
        var domain: String?

        @Option(help: "To this recipient.")
        var recipient: String?

        @Option(help: "Why, for whoever lists it.")
        var reason = "held by a rule"

        @OptionGroup var state: StateOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let filter = QueueFilter(domain: domain, recipient: recipient, sender: sender)
            try await Server(state: state, output: output).perform(.queueRuleAdd(filter, reason: reason))
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Remove a rule.")

        @Argument(help: "Its number.")
        var id: Int64

        @OptionGroup var state: StateOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await Server(state: state, output: output).perform(.queueRuleRemove(id: id))
        }
    }
}
