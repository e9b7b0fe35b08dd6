import Appliance
import ArgumentParser
import Control

struct Serve: AsyncParsableCommand, Preparing {
    static let configuration = CommandConfiguration(abstract: "Run the server until SIGTERM or SIGINT.")

    @Option(name: .customLong("config"), help: "The configuration file.")
    var path = StateOptions.defaultConfigurationPath

    func prepare() throws {
        do throws(Failure) {
            try Appliance.Serve.prepare(configurationPath: path)
        } catch {
            throw Printer(OutputOptions.plain).show(error)
        }
    }

    func run() async throws {
        do throws(Failure) {
            try await Appliance.Serve.run(configurationPath: path)
        } catch {
            throw Printer(OutputOptions.plain).show(error)
        }
    }
}
