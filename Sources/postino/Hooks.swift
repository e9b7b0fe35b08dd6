import Control
import ControlServer

/// The one place where the commands meet the appliance.
enum Hooks {
    /// What is done without a running server.
    static var stoppedStore: any StoppedStore { Unwired() }
}

/// Stands in until the appliance is linked.
private struct Unwired: StoppedStore {
    private let failure = Failure(
        .unreachable, "not-running", tried: "work on the stopped server", obstacle: "this build has no appliance",
        next: "Start the server and try again.")

    func stateDirectory(configurationPath: String) throws(Failure) -> String { throw failure }

    func perform(
        _ request: Request, body: [UInt8], state: String, configurationPath: String?,
        progress: @escaping @Sendable (String) -> Void
    ) async throws(Failure) -> Outcome { throw failure }

    func restoreServer(
        set: String, target: String?, into directory: String, progress: @escaping @Sendable (String) -> Void
    ) async throws(Failure) -> Outcome { throw failure }

    func testConfiguration(path: String) throws(Failure) -> Outcome { throw failure }

    func showConfiguration(path: String) throws(Failure) -> Outcome { throw failure }
}
