import Appliance
import ArgumentParser
import Control

struct Serve: AsyncParsableCommand, Preparing {
    static let configuration = CommandConfiguration(abstract: "Run the server until SIGTERM or SIGINT.")

    @Option(name: .customLong("config"), help: "The configuration file.")
    var path = StateOptions.defaultConfigurationPath

    @Flag(help: "Start although an older mail.db was put back; mail that it does not know moves to lost/.")
    var acceptOlderIndex = false

    func prepare() throws {
        do throws(Failure) {
            try Appliance.Serve.prepare(configurationPath: path)
        } catch {
            throw Printer(OutputOptions.plain).show(error)
        }
    }

    func run() async throws {
        do throws(Failure) {
            try await Appliance.Serve.run(configurationPath: path, acceptsOlderIndex: acceptOlderIndex)
        } catch {
            throw Printer(OutputOptions.plain).show(error)
        }
    }
}
