import ArgumentParser
import Control

struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Compare the database with itself and with the messages on disk; mend what can be mended.",
        discussion: "Works while the server serves. Exit code 5 when faults are left.")

    @Flag(help: "Mend what can be mended; nothing that a person could want is taken away.")
    var repair = false

    @Flag(help: "Leave out reading every message against its digest, which takes longest.")
    var quick = false

    @OptionGroup var state: StateOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Server(state: state, output: output).perform(.check(repairs: repair, readsBodies: !quick))
    }
}
