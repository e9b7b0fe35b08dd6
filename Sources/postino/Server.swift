import ArgumentParser
import Control
import ControlServer
import Glibc

/// Performs requests on the running server, or on the stopped store; shows what came of them and ends the process.
struct Server {
    let state: StateOptions
    let output: OutputOptions

    /// Does one request and shows its outcome.
    func perform(_ request: Request) async throws {
        try await run { server throws(Failure) in try await server.perform(request) }
    }

    /// Does several requests on one connection, and shows the outcome made of them.
    func run(_ body: (Performer) async throws(Failure) -> Outcome) async throws {
        let outcome: Outcome
        do throws(Failure) {
            let store = Hooks.stoppedStore
            let (folder, configuration) = try state.resolved(store)
            let client = try Client.connect(state: folder)
            outcome = try await body(
                Performer(client: client, store: store, folder: folder, configuration: configuration))
        } catch {
            throw Printer(output).show(error)
        }
        try Printer(output).show(outcome)
    }

    /// To whom requests go: the server that answered, or the store itself.
    struct Performer {
        let client: Client?
        let store: any StoppedStore
        let folder: String
        let configuration: String?

        func perform(_ request: Request, body: [UInt8] = []) async throws(Failure) -> Outcome {
            if let client { return try client.perform(request, body: body, progress: Printer.progress) }
            if case .status = request {
                throw Failure(
                    .unreachable, "not-running", tried: "show the status", obstacle: "no server serves \(folder)",
                    next: "Start it with: postino serve")
            }
            return try await store.perform(
                request, body: body, state: folder, configurationPath: configuration, progress: Printer.progress)
        }
    }
}
