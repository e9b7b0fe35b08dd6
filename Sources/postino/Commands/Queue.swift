import ArgumentParser
import Control

struct QueueCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue", abstract: "Mail on its way out.",
        subcommands: [
            List.self, Show.self, Retry.self, Hold.self, Release.self, Drop.self, Reroute.self, Reasons.self,
            QueueRules.self,
        ])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List queued mail, a line a recipient.")

        @Flag(help: "What is over, in place of what is queued; the newest first.")
        var finished = false

        @OptionGroup var filter: FilterOptions
        @OptionGroup var state: StateOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await Server(state: state, output: output).perform(
                finished ? .queueFinished(filter.filter) : .queueList(filter.filter))
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a queued message and its recipients.")

        @Argument(help: "Its number.")
        var id: Int64

        @OptionGroup var state: StateOptions
        @OptionGroup var output: OutputOptions

        func run() async throws { try await Server(state: state, output: output).perform(.queueShow(id: id)) }
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

    struct Hold: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Hold queued mail until it is released.")

        @Option(help: "Why, for whoever lists it.")
        var reason = "held by command"

        @OptionGroup var filter: FilterOptions
        @OptionGroup var state: StateOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await Server(state: state, output: output).perform(.queueHold(filter.filter, reason: reason))
        }
    }

    struct Release: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let held mail go on.")

        @OptionGroup var filter: FilterOptions
        @OptionGroup var state: StateOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await Server(state: state, output: output).perform(.queueRelease(filter.filter))
        }
    }

    struct Drop: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take mail out of the queue; its sender is not told.")

        @Option(help: "Why, for its trace.")
        var reason = "dropped by command"

        @OptionGroup var filter: FilterOptions
        @OptionGroup var state: StateOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await Server(state: state, output: output).perform(.queueDrop(filter.filter, reason: reason))
        }
    }

    struct Reroute: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Send queued mail another way, from now on.")

        @Option(help: "\"direct\", \"via=HOST:PORT\" and the like, as in outbound.routes; as configured when left out.")
        var route: String?

        @OptionGroup var filter: FilterOptions
        @OptionGroup var state: StateOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await Server(state: state, output: output).perform(.queueReroute(filter.filter, route: route))
        }
    }

    struct Reasons: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Group what was refused or put off of late, with what can be done.")

        @OptionGroup var state: StateOptions
        @OptionGroup var output: OutputOptions

        func run() async throws { try await Server(state: state, output: output).perform(.queueReasons) }
    }

    struct FilterOptions: ParsableArguments {
        enum StateName: String, ExpressibleByArgument, CaseIterable {
            case waiting, sending, held
        }

        @Argument(help: "Only the message with this number.")
        var id: Int64?

        @Option(help: "Only recipients in this domain.")
        var domain: String?

        @Option(help: "Only this recipient.")
        var recipient: String?

        @Option(help: "Only mail of this sender; <> for notices.")
        var sender: String?

        @Option(help: "Only what is waiting, sending or held.")
        var only: StateName?

        @Option(help: "Only where the last reply has this in it.")
        var reply: String?

        @Option(help: "Only what was queued at least so many hours ago.")
        var olderThanHours: Int?

        var filter: QueueFilter {
            QueueFilter(
                id: id, domain: domain, recipient: recipient, sender: sender, state: only?.rawValue, reply: reply,
                olderThanHours: olderThanHours)
        }
    }
}
