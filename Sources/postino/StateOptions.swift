import ArgumentParser
import Control
import ControlServer
import Glibc

/// Which server is meant.
struct StateOptions: ParsableArguments {
    static let defaultConfigurationPath = "/etc/postino/postino.yaml"

    @Option(name: .customLong("state"), help: "The server's state folder.")
    var statePath: String?

    @Option(name: .customLong("config"), help: "The configuration file that names it.")
    var configurationPath: String?

    mutating func validate() throws {
        if statePath != nil, configurationPath != nil {
            throw ValidationError("Give --state or --config, not both.")
        }
    }

    /// The folder, and the configuration file when that was asked.
    func resolved(_ stopped: any StoppedStore) throws(Failure) -> (state: String, configuration: String?) {
        if let statePath { return (statePath, nil) }
        if configurationPath == nil, let named = getenv("POSTINO_STATE"), named[0] != 0 {
            return (String(cString: named), nil)
        }
        let path = configurationPath ?? Self.defaultConfigurationPath
        if configurationPath == nil, access(path, F_OK) != 0 {
            throw Failure(
                .unreachable, "no-state", tried: "find the server", obstacle: "there is no \(path)",
                next: "Name its state folder with --state DIR, or its configuration with --config FILE.")
        }
        return (try stopped.stateDirectory(configurationPath: path), path)
    }
}

struct OutputOptions: ParsableArguments {
    @Flag(help: "Answer in JSON.")
    var json = false

    /// Sentences.
    static var plain: OutputOptions { (try? parse([])) ?? OutputOptions() }
}
