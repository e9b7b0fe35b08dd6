import ArgumentParser
import Control

struct FolderCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "folder", abstract: "Folders that a mailbox shares with others.",
        subcommands: [Share.self, Unshare.self, Shares.self])

    struct Share: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let somebody use a folder of another's mailbox.",
            discussion: """
                Rights are letters (RFC 4314): l to see it, r to read, s to mark as read, w to set other flags, i to put \
                mail into it, k to make folders below it, x to remove or rename it, t to mark as deleted, e to expunge, a \
                to say who may use it; or a word: read (lr), work (lrswite), all. They replace what was granted before; \
                with + in front they are added. In mail programs the folder is \"Other Users/ADDRESS/FOLDER\". What is \
                put into it counts against its owner's quota, and what one marks as read is read for all.
                """)

        @Argument(help: "The mailbox whose folder it is.")
        var address: String

        @Argument(help: "The folder.")
        var folder: String

        @Argument(help: "Another mailbox here; or \"anyone\", which is all of the same domain.")
        var who: String

        @Argument(help: "The rights.")
        var rights: String

        @OptionGroup var state: StateOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await Server(state: state, output: output).perform(
                .folderShare(address: address, folder: folder, identifier: who, rights: rights))
        }
    }

    struct Unshare: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take back what was granted on a folder.")

        @Argument(help: "The mailbox whose folder it is.")
        var address: String

        @Argument(help: "The folder.")
        var folder: String

        @Argument(help: "From whom: an address, or \"anyone\".")
        var who: String

        @OptionGroup var state: StateOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await Server(state: state, output: output).perform(
                .folderShare(address: address, folder: folder, identifier: who, rights: ""))
        }
    }

    struct Shares: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List what a mailbox shares, and with whom.")

        @Argument(help: "The mailbox.")
        var address: String

        @Argument(help: "Only this folder.")
        var folder: String?

        @OptionGroup var state: StateOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await Server(state: state, output: output).perform(.folderShares(address: address, folder: folder))
        }
    }
}
