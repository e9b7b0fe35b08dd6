import ArgumentParser
import Control

struct AliasCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alias", abstract: "Addresses whose mail goes to others, here or elsewhere.",
        subcommands: [Add.self, List.self, Posters.self, Remove.self])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send the mail of an address to others, besides those it has.",
            discussion: "The alias @DOMAIN gets all mail of the domain that nothing else gets (catch-all).")

        @Argument(help: "The alias, or @DOMAIN.")
        var address: String

        @Argument(help: "Where its mail goes: one or more addresses.")
        var targets: [String]

        @Flag(help: "Only those it goes to may write to it.")
        var membersOnly = false

        @OptionGroup var state: StateOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await Server(state: state, output: output).perform(
                .aliasAdd(address: address, targets: targets, membersOnly: membersOnly ? true : nil))
        }
    }

    struct Posters: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Say who may write to an alias.")

        enum Who: String, ExpressibleByArgument, CaseIterable {
            case anyone, members
        }

        @Argument(help: "The alias.")
        var address: String

        @Argument(help: "anyone, or members: those it goes to.")
        var who: Who

        @OptionGroup var state: StateOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await Server(state: state, output: output).perform(
                .aliasPosters(address: address, membersOnly: who == .members))
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the aliases, a line a target.")

        @Option(help: "Only those of this domain.")
        var domain: String?

        @OptionGroup var state: StateOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await Server(state: state, output: output).perform(.aliasList(domain: domain))
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Remove an alias, or one of its targets.")

        @Argument(help: "The alias, or @DOMAIN.")
        var address: String

        @Argument(help: "Only this target.")
        var target: String?

        @OptionGroup var state: StateOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await Server(state: state, output: output).perform(.aliasRemove(address: address, target: target))
        }
    }
}
