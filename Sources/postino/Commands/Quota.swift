import ArgumentParser
import Control

struct QuotaCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quota", abstract: "What mailboxes and domains may hold, and what they hold.",
        subcommands: [Show.self, Set.self, Recalc.self])

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the quota of a mailbox or a domain, or all domains and the mailboxes that have one.")

        @Argument(help: "An address or a domain.")
        var name: String?

        @OptionGroup var state: StateOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await Server(state: state, output: output).perform(.quotaShow(name: name))
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set what a mailbox, or all mailboxes of a domain together, may hold.",
            discussion: """
                Mail beyond it is refused for now (452) before it is sent. What is held already stays. The owner of a \
                mailbox is told by mail at 80, 95 and 100 percent.
                """)

        @Argument(help: "An address or a domain.")
        var name: String

        @Option(help: "Octets, as 500M or 2G; \"none\" for no limit.")
        var size: ByteCount?

        @Option(help: "Messages; \"none\" for no limit.")
        var messages: Limit?

        @Option(
            help: "Of a domain: days that deleted mail can be brought back; \"default\" as the server is configured.")
        var keepDays: KeptDays?

        @OptionGroup var state: StateOptions
        @OptionGroup var output: OutputOptions

        mutating func validate() throws {
            if size == nil, messages == nil, keepDays == nil {
                throw ValidationError("Say what to set: --size, --messages or --keep-days.")
            }
        }

        func run() async throws {
            let change = QuotaChange(octets: size?.octets, messages: messages?.value, keptDays: keepDays?.days)
            try await Server(state: state, output: output).perform(.quotaSet(name: name, change: change))
        }
    }

    struct Recalc: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Count anew what mailboxes hold, and correct what was counted wrongly.")

        @Argument(help: "Its address (all).")
        var address: String?

        @OptionGroup var state: StateOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await Server(state: state, output: output).perform(.quotaRecalc(address: address))
        }
    }
}

/// "500M", "2G", "1073741824", "none".
struct ByteCount: ExpressibleByArgument {
    var octets: Int64

    init?(argument: String) {
        if argument == "none" {
            octets = 0
            return
        }
        var digits = argument.uppercased()
        for suffix in ["IB", "B"] where digits.hasSuffix(suffix) { digits.removeLast(suffix.count) }
        var shift = 0
        if let unit = digits.last, let power = ["K", "M", "G", "T"].firstIndex(of: String(unit)) {
            shift = (power + 1) * 10
            digits.removeLast()
        }
        guard let number = Int64(digits), number > 0, number <= Int64.max >> Int64(shift) else { return nil }
        octets = number << Int64(shift)
    }
}

/// A number, or "none".
struct Limit: ExpressibleByArgument {
    var value: Int64

    init?(argument: String) {
        guard let number = argument == "none" ? 0 : Int64(argument), argument == "none" || number > 0 else {
            return nil
        }
        value = number
    }
}

/// Days, or "default".
struct KeptDays: ExpressibleByArgument {
    var days: Int

    init?(argument: String) {
        guard let number = argument == "default" ? -1 : Int(argument),
            argument == "default" || (0...36_500).contains(number)
        else { return nil }
        days = number
    }
}
