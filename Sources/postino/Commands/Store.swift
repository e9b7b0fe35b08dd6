import ArgumentParser
import Control
import ControlServer

struct StoreCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store", abstract: "The store as a whole.", subcommands: [Upgrade.self, DropOld.self])

    struct Upgrade: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Convert the store of an older version for this program.",
            discussion: """
                On a copy, which is proven before it takes the old index's place; the old one is kept. The server must \
                not run.
                """)

        @Flag(help: "Convert and prove a copy, and change nothing.")
        var dryRun = false

        @OptionGroup var state: StateOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await StoreCommands.onStoppedStore(state, output) { store, folder throws(Failure) in
                try await store.upgradeStore(state: folder, isRehearsal: dryRun, progress: Printer.progress)
            }
        }
    }

    struct DropOld: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "drop-old", abstract: "Remove the old index that an upgrade has kept.")

        @OptionGroup var state: StateOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await StoreCommands.onStoppedStore(state, output) { store, folder throws(Failure) in
                try await store.dropOldStore(state: folder)
            }
        }
    }

    fileprivate static func onStoppedStore(
        _ state: StateOptions, _ output: OutputOptions,
        _ body: (any StoppedStore, String) async throws(Failure) -> Outcome
    ) async throws {
        let outcome: Outcome
        do throws(Failure) {
            let store = Hooks.stoppedStore
            outcome = try await body(store, try state.resolved(store).state)
        } catch {
            throw Printer(output).show(error)
        }
        try Printer(output).show(outcome)
    }
}
