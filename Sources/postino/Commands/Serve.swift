import ArgumentParser
import Control

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Run the server until SIGTERM or SIGINT.")

    @Option(name: .customLong("config"), help: "The configuration file.")
    var path = StateOptions.defaultConfigurationPath

    func run() async throws {
        // Appliance.runServe(configurationPath: path)
        throw Printer(OutputOptions.plain).show(
            Failure(.failed, "not-linked", tried: "serve", obstacle: "this build has no appliance"))
    }
}
