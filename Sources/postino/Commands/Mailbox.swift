import ArgumentParser
import Control
import Glibc

struct MailboxCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mailbox", abstract: "The people who have mail here.",
        subcommands: [
            MailboxAdd.self, List.self, Show.self, Set.self, Password.self, MailboxForward.self, MailboxSuspend.self,
            MailboxResume.self, Remove.self,
        ])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the mailboxes.")

        @Option(help: "Only those of this domain.")
        var domain: String?

        @OptionGroup var state: StateOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await Server(state: state, output: output).perform(.mailboxList(domain: domain))
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one mailbox and its folders.")

        @Argument(help: "Its address.")
        var address: String

        @OptionGroup var state: StateOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await Server(state: state, output: output).perform(.mailboxShow(address: address))
        }
    }

    struct Password: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Set the password of a mailbox.")

        @Argument(help: "Its address.")
        var address: String

        @OptionGroup var source: PasswordOptions
        @OptionGroup var state: StateOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await Server(state: state, output: output).run { server throws(Failure) in
                let password = try source.password(for: address)
                return try await server.perform(.mailboxPassword(address: address, password: password))
            }
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set what may be done with a mailbox.",
            discussion: """
                Some POP3 clients delete what they have fetched, and then it is nowhere else. With --pop3-leave-days such \
                mail stays in INBOX, where IMAP shows it, until it has been there for that long; POP3 does not show it \
                again. It is removed when POP3 next logs in.
                """)

        enum Switch: String, ExpressibleByArgument, CaseIterable {
            case on, off
        }

        @Argument(help: "Its address.")
        var address: String

        @Option(help: "Whether POP3 may log in: on or off.")
        var pop3: Switch?

        @Option(name: .customLong("pop3-leave-days"), help: "Days that mail stays which POP3 deletes; 0 for none.")
        var pop3LeaveDays: Int?

        @OptionGroup var state: StateOptions
        @OptionGroup var output: OutputOptions

        mutating func validate() throws {
            if pop3 == nil, pop3LeaveDays == nil {
                throw ValidationError("Say what to set: --pop3 or --pop3-leave-days.")
            }
            if let pop3LeaveDays, !(0...3_650).contains(pop3LeaveDays) {
                throw ValidationError("--pop3-leave-days takes 0 to 3650.")
            }
        }

        func run() async throws {
            let change = MailboxChange(pop3: pop3.map { $0 == .on }, pop3LeaveDays: pop3LeaveDays)
            try await Server(state: state, output: output).perform(.mailboxSet(address: address, change: change))
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Remove a mailbox and its mail.")

        @Argument(help: "Its address.")
        var address: String

        @Flag(help: "Do not ask first. (Without a terminal nothing is asked.)")
        var yes = false

        @OptionGroup var state: StateOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await Server(state: state, output: output).run { server throws(Failure) in
                try confirm()
                return try await server.perform(.mailboxRemove(address: address))
            }
        }

        private func confirm() throws(Failure) {
            guard !yes, isatty(STDIN_FILENO) == 1 else { return }
            Printer.write("Remove \(address) and all of its mail? Type yes: ", STDERR_FILENO)
            guard readLine() == "yes" else {
                throw Failure(
                    .refused, "not-confirmed", tried: "remove the mailbox \(address)", obstacle: "you did not say yes")
            }
        }
    }
}

/// Where a password comes from; asked on the terminal when nothing is said.
struct PasswordOptions: ParsableArguments {
    @Flag(help: "Read the password from the first line of standard input.")
    var passwordStdin = false

    @Flag(help: "Make a password and show it this once.")
    var generate = false

    mutating func validate() throws {
        if passwordStdin, generate { throw ValidationError("Give --password-stdin or --generate, not both.") }
    }

    func password(for address: String) throws(Failure) -> NewPassword {
        if generate { return .generated }
        if passwordStdin { return .given(try PasswordPrompt.standardInput(for: address)) }
        return .given(try PasswordPrompt.ask(for: address))
    }
}
