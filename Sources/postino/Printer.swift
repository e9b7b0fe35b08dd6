import ArgumentParser
import Control
import Glibc

/// What the person, or the script, gets to see.
struct Printer {
    private let isJSON: Bool

    init(_ output: OutputOptions) { isJSON = output.json }

    /// Listings and sentences on standard output.
    ///
    /// - Throws: the exit code when it is not 0.
    func show(_ outcome: Outcome) throws {
        if isJSON {
            Self.write(outcome.json + "\n", STDOUT_FILENO)
        } else {
            let tables = outcome.reports.filter { !$0.rows.isEmpty && !$0.isOnlyNames }
            let parts = tables.map { tables.count > 1 && $0.shape == .record ? "\($0.name)\n\($0.text)" : $0.text }
            let message = outcome.message.isEmpty ? [] : [outcome.message + "\n"]
            Self.write((message + parts).joined(separator: "\n"), STDOUT_FILENO)
        }
        if outcome.code != .done { throw outcome.code.asError }
    }

    /// The failure on standard error, or as JSON on standard output; returns what ends the process.
    func show(_ failure: Failure) -> any Error {
        if isJSON {
            Self.write(failure.json + "\n", STDOUT_FILENO)
        } else {
            Self.write("postino: \(failure)\n", STDERR_FILENO)
        }
        return failure.code.asError
    }

    static func progress(_ sentence: String) { write(sentence + "\n", STDERR_FILENO) }

    static func write(_ text: String, _ descriptor: Int32) {
        let octets = Array(text.utf8)
        var sent = 0
        while sent < octets.count {
            let count = octets.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress?.advanced(by: sent), octets.count - sent)
            }
            if count < 0 && errno != EINTR { return }
            sent += max(0, count)
        }
    }
}

extension Control.ExitCode {
    var asError: any Error { ArgumentParser.ExitCode(rawValue) }
}

extension Report {
    /// A change reports, for scripts, the addresses that its sentence names already.
    fileprivate var isOnlyNames: Bool {
        shape == .table && columns.last?.name == "password" && rows.allSatisfy { $0.last == .some(nil) }
    }
}
