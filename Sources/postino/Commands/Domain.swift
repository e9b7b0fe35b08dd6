import ArgumentParser
import Control

struct DomainCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "domain", abstract: "The domains whose mail this server takes.",
        subcommands: [Add.self, List.self, Remove.self])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take mail for a domain.")

        @Argument(help: "The domain, as in the DNS.")
        var name: String

        @Option(help: "Who gets the mail of postmaster@ and abuse@ (the first mailbox of the domain).")
        var postmaster: String?

        @Option(help: "Give it the addresses of this domain, those to come too, and none of its own.")
        var aliasOf: String?

        @OptionGroup var state: StateOptions
        @OptionGroup var output: OutputOptions

        mutating func validate() throws {
            if postmaster != nil, aliasOf != nil {
                throw ValidationError("With --alias-of the postmaster is that of the other domain.")
            }
        }

        func run() async throws {
            try await Server(state: state, output: output).perform(
                .domainAdd(name: name, postmaster: postmaster, aliasOf: aliasOf))
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the domains.")

        @OptionGroup var state: StateOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await Server(state: state, output: output).perform(.domainList)
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take no more mail for a domain; it must have no mailboxes. Its aliases go with it.")

        @Argument(help: "The domain.")
        var name: String

        @OptionGroup var state: StateOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await Server(state: state, output: output).perform(.domainRemove(name: name))
        }
    }
}
