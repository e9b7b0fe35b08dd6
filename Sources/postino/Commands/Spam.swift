import ArgumentParser
import Control

struct SpamCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spam", abstract: "The classifier that learns.", subcommands: [Learn.self])

    struct Learn: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Teach it messages: files, mbox files, or folders of them (Maildir).")

        enum Class: String, EnumerableFlag {
            case ham
            case spam
        }

        @Flag(exclusivity: .exclusive, help: "What they are.")
        var kind: Class

        @Argument(help: "Files or folders; - for standard input.")
        var paths: [String]

        @OptionGroup var state: StateOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await Server(state: state, output: output).run { server throws(Failure) in
                var batch = LearnBatch(kind: kind == .ham ? .ham : .spam, server: server)
                try await Corpus.forEach(paths) { message throws(Failure) in try await batch.add(message) }
                return try await batch.finish()
            }
        }
    }
}

/// Messages on their way to the server, several at once.
struct LearnBatch {
    /// Octets of messages in one request, unless one message alone has more.
    static let octetsMax = 4 << 20

    private let kind: SpamClass
    private let server: Server.Performer
    private var lengths: [Int] = []
    private var body: [UInt8] = []
    private var learned = 0
    private var known = 0
    private var skipped = 0

    init(kind: SpamClass, server: Server.Performer) {
        self.kind = kind
        self.server = server
    }

    mutating func add(_ message: [UInt8]) async throws(Failure) {
        guard message.count <= Request.bodyOctetsMax else {
            skipped += 1
            return
        }
        if lengths.count == Request.messagesMax || body.count + message.count > Self.octetsMax { try await send() }
        lengths.append(message.count)
        body += message
    }

    mutating func finish() async throws(Failure) -> Outcome {
        try await send()
        guard learned + known + skipped > 0 else {
            throw Failure(.notFound, "no-messages", tried: "learn", obstacle: "there is no message in what was given")
        }
        var message = "Learned \(learned) message\(learned == 1 ? "" : "s") as \(kind.rawValue)."
        if known > 0 { message += " \(known) \(known == 1 ? "was" : "were") known as that." }
        if skipped > 0 { message += " \(skipped) \(skipped == 1 ? "is" : "are") too large." }
        return Outcome(
            message,
            reports: [
                Report(
                    "learned",
                    record: [
                        (.init("class", "Class"), kind.rawValue), (.init("learned", "Learned", .integer), "\(learned)"),
                        (.init("known", "Known before", .integer), "\(known)"),
                        (.init("tooLarge", "Too large", .integer), "\(skipped)"),
                    ])
            ])
    }

    private mutating func send() async throws(Failure) {
        guard !lengths.isEmpty else { return }
        let outcome = try await server.perform(.spamLearn(as: kind, lengths: lengths), body: body)
        learned += outcome.number("learned")
        known += outcome.number("known")
        lengths = []
        body = []
    }
}

extension Outcome {
    /// A number of the first report's first row; 0 when it has none of that name.
    fileprivate func number(_ name: String) -> Int {
        guard let report = reports.first, let row = report.rows.first,
            let index = report.columns.firstIndex(where: { $0.name == name }), index < row.count
        else { return 0 }
        return row[index].flatMap { Int($0) } ?? 0
    }
}
