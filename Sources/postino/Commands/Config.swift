import ArgumentParser
import Control
import ControlServer

struct ConfigCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "The configuration file.", subcommands: [Test.self, Show.self])

    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Check the configuration without starting.")

        @Option(name: .customLong("config"), help: "The configuration file.")
        var path = StateOptions.defaultConfigurationPath

        @OptionGroup var output: OutputOptions

        func run() async throws {
            try ConfigCommands.show(output) { () throws(Failure) in
                try Hooks.stoppedStore.testConfiguration(path: path)
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show every key with the value in force.")

        @Option(name: .customLong("config"), help: "The configuration file.")
        var path = StateOptions.defaultConfigurationPath

        @OptionGroup var output: OutputOptions

        func run() async throws {
            try ConfigCommands.show(output) { () throws(Failure) in
                try Hooks.stoppedStore.showConfiguration(path: path)
            }
        }
    }

    private static func show(_ output: OutputOptions, _ body: () throws(Failure) -> Outcome) throws {
        let outcome: Outcome
        do throws(Failure) {
            outcome = try body()
        } catch {
            throw Printer(output).show(error)
        }
        try Printer(output).show(outcome)
    }
}
