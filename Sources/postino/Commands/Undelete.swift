import ArgumentParser
import Control

struct Undelete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undelete", abstract: "Bring back messages that were deleted, into the folders they were in.",
        discussion: """
            What a mail program expunges, what POP3 deletes and what is in a deleted folder can be brought back for some \
            days (store.keep_deleted_days, or the domain's own time). Without conditions all of it comes back: see first \
            what there is with --list.
            """)

    @Argument(help: "The mailbox.")
    var address: String

    @Flag(help: "Only list what could be brought back.")
    var list = false

    @Option(help: "Only what was in this folder.")
    var folder: String?

    @Option(help: "Only what was deleted since then: 2026-11-25, 2026-11-25T10:30, or 3d, 12h, 30m ago.")
    var since: PointInTime?

    @Option(help: "Only what was deleted until then.")
    var until: PointInTime?

    @Option(help: "Only with this in the subject.")
    var subject: String?

    @Option(help: "Only the message with this Message-ID.")
    var messageID: String?

    @Option(help: "Put them into this folder instead.")
    var into: String?

    @OptionGroup var state: StateOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let filter = DeletedFilter(
            folder: folder, since: since?.seconds, until: until?.seconds, subject: subject, messageID: messageID)
        try await Server(state: state, output: output).perform(
            list
                ? .keptList(address: address, filter: filter)
                : .undelete(address: address, filter: filter, into: into))
    }
}
