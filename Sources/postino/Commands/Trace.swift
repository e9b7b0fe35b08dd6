import ArgumentParser
import Control

struct Trace: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Show the whole life of messages, from SMTP to the last folder or the last reply.",
        discussion: """
            QUERY is a Message-ID (<…>), an address, or words of the subject; without it and without options the newest \
            messages are shown. All that is said must hold.
            """)

    @Argument(help: "A Message-ID, an address, or words of the subject.")
    var query: [String] = []

    @Option(help: "The Message-ID field.")
    var messageID: String?

    @Option(help: "A sender, a recipient, or who was logged in.")
    var address: String?

    @Option(help: "Words of the subject.")
    var subject: [String] = []

    @Option(help: "What the log calls a connection, or one message of it.")
    var session: String?

    @Option(help: "Received since then: 2026-11-25, 2026-11-25T10:30, or 3d, 12h, 30m ago.")
    var since: PointInTime?

    @Option(help: "Received until then.")
    var until: PointInTime?

    @Option(help: "Messages at most, the newest first.")
    var limit = 20

    @OptionGroup var state: StateOptions
    @OptionGroup var output: OutputOptions

    mutating func validate() throws {
        guard (1...1_000).contains(limit) else { throw ValidationError("--limit takes 1 to 1000.") }
    }

    func run() async throws {
        var filter = TraceFilter()
        filter.messageID = messageID
        filter.address = address
        filter.subject = subject.flatMap { $0.split(separator: " ").map(String.init) }
        filter.session = session
        filter.since = since?.seconds
        filter.until = until?.seconds
        filter.limit = limit
        for word in query {
            if word.hasPrefix("<") {
                filter.messageID = word
            } else if word.contains("@") {
                filter.address = word
            } else {
                filter.subject += word.split(separator: " ").map(String.init)
            }
        }
        try await Server(state: state, output: output).perform(.trace(filter))
    }
}
