import Observation

enum IMAPCounters {
    static let logins = Counter("postino_imap_logins_total", help: "IMAP logins")
    static let failedLogins = Counter(
        "postino_imap_logins_failed_total", help: "IMAP logins with a wrong name or password")
    static let appended = Counter("postino_imap_messages_appended_total", help: "Messages taken by APPEND")
}
