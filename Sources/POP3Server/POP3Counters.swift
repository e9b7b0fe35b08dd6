import Observation

enum POP3Counters {
    static let logins = Counter("postino_pop3_logins_total", help: "POP3 logins")
    static let failedLogins = Counter(
        "postino_pop3_logins_failed_total", help: "POP3 logins with a wrong name or password")
    static let busyLogins = Counter(
        "postino_pop3_logins_in_use_total", help: "POP3 logins refused since another session held the maildrop")
    static let retrieved = Counter("postino_pop3_messages_retrieved_total", help: "Messages sent by RETR")
    static let deleted = Counter("postino_pop3_messages_deleted_total", help: "Messages removed at QUIT")
}
