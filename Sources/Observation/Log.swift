public import Logging

/// The log: one line an event, logfmt, on standard error, so that journald or a file takes it as it is.
public enum Log {
    /// A logger for one part of the program ("smtp", "store").
    public static func logger(_ label: String) -> Logger { Logger(label: label) }

    /// Sends everything to standard error from `level` on. Called once, before the first logger is made.
    public static func start(level: Logger.Level) {
        LoggingSystem.bootstrap { label in LogfmtHandler(label: label, level: level) }
    }
}
