import Control
import Glibc

/// Reads a password from the terminal without showing it, or from standard input.
enum PasswordPrompt {
    /// Asks twice on a terminal.
    static func ask(for address: String) throws(Failure) -> String {
        guard isatty(STDIN_FILENO) == 1 else {
            throw Failure(
                .usage, "no-password", tried: "set the password of \(address)",
                obstacle: "there is no terminal to ask for it",
                next: "Use --password-stdin to read it from standard input, or --generate to have one made.")
        }
        let first = try read("Password for \(address): ", address)
        let second = try read("Again: ", address)
        guard first == second else {
            throw Failure(
                .usage, "passwords-differ", tried: "set the password of \(address)",
                obstacle: "the two were not the same", next: "Try again.")
        }
        return first
    }

    /// The first line of standard input, without its line ending.
    static func standardInput(for address: String) throws(Failure) -> String {
        guard let line = readLine(strippingNewline: true), !line.isEmpty else {
            throw Failure(
                .usage, "no-password", tried: "set the password of \(address)",
                obstacle: "standard input has no password in its first line")
        }
        return line
    }

    private static func read(_ prompt: String, _ address: String) throws(Failure) -> String {
        var before = termios()
        tcgetattr(STDIN_FILENO, &before)
        var silent = before
        silent.c_lflag &= ~tcflag_t(ECHO)
        // An interrupt waits until the terminal shows again what is typed.
        var signals = sigset_t()
        var signalsBefore = sigset_t()
        sigemptyset(&signals)
        for signal in [SIGINT, SIGTERM, SIGTSTP, SIGQUIT] { sigaddset(&signals, signal) }
        sigprocmask(SIG_BLOCK, &signals, &signalsBefore)
        defer { sigprocmask(SIG_SETMASK, &signalsBefore, nil) }
        Printer.write(prompt, STDERR_FILENO)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
        let line = readLine(strippingNewline: true)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &before)
        Printer.write("\n", STDERR_FILENO)
        guard let line, !line.isEmpty else {
            throw Failure(
                .usage, "no-password", tried: "set the password of \(address)", obstacle: "none was given")
        }
        return line
    }
}
