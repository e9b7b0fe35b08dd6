import ArgumentParser
import Control

struct DKIMCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dkim", abstract: "The keys that sign a domain's mail.",
        subcommands: [Gen.self, Rotate.self, Txt.self, Verify.self])

    struct Gen: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make keys for a domain, RSA and Ed25519, and say which records to publish.")

        @Argument(help: "The domain.")
        var domain: String

        @Option(help: "What the selectors begin with (the date).")
        var selector: String?

        @OptionGroup var state: StateOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await Server(state: state, output: output).perform(.dkimGenerate(domain: domain, selector: selector))
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make the next keys of a domain; they sign once the DNS has their records.")

        @Argument(help: "The domain.")
        var domain: String

        @Flag(help: "Sign with the new keys from now on, whatever the DNS has.")
        var now = false

        @OptionGroup var state: StateOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await Server(state: state, output: output).perform(.dkimRotate(domain: domain, now: now))
        }
    }

    struct Txt: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the keys and the records to publish, as lines of a zone file.")

        @Argument(help: "The domain; all when it is left out.")
        var domain: String?

        @OptionGroup var state: StateOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await Server(state: state, output: output).perform(.dkimRecords(domain: domain))
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ask the DNS for the records of the keys, and say which are right.")

        @Argument(help: "The domain; all when it is left out.")
        var domain: String?

        @OptionGroup var state: StateOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await Server(state: state, output: output).perform(.dkimVerify(domain: domain))
        }
    }
}
