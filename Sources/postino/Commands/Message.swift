import ArgumentParser
import Control
import Glibc

struct MessageCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "msg", abstract: "Single messages.", subcommands: [Purge.self])

    struct Purge: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Erase a message at once, from all folders of a mailbox and from the disk.",
            discussion: "It cannot be brought back; the answer says which backup sets still have it.")

        @Argument(help: "The mailbox.")
        var address: String

        @Option(help: "Its Message-ID.")
        var messageID: String?

        @Option(help: "The folder it is in, together with --uid.")
        var folder: String?

        @Option(help: "Its UID there.")
        var uid: UInt32?

        @Flag(help: "Do not ask first. (Without a terminal nothing is asked.)")
        var yes = false

        @OptionGroup var state: StateOptions
        @OptionGroup var output: OutputOptions

        mutating func validate() throws {
            guard (messageID != nil) != (folder != nil), (folder != nil) == (uid != nil) else {
                throw ValidationError("Say which message: --message-id, or --folder and --uid.")
            }
        }

        func run() async throws {
            try await Server(state: state, output: output).run { server throws(Failure) in
                try confirm()
                let name: MessageName =
                    if let folder, let uid { .place(folder: folder, uid: uid) } else { .messageID(messageID ?? "") }
                return try await server.perform(.messagePurge(address: address, message: name))
            }
        }

        private func confirm() throws(Failure) {
            guard !yes, isatty(STDIN_FILENO) == 1 else { return }
            Printer.write("Erase it beyond bringing back? Type yes: ", STDERR_FILENO)
            guard readLine() == "yes" else {
                throw Failure(.refused, "not-confirmed", tried: "erase the message", obstacle: "you did not say yes")
            }
        }
    }
}
