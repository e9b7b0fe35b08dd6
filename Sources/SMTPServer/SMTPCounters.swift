import Observation

enum SMTPCounters {
    static let connections = Counter("postino_smtp_connections_total", help: "SMTP connections")
    static let spokeFirst = Counter("postino_smtp_early_talkers_total", help: "Clients that spoke before the greeting")
    static let accepted = Counter("postino_smtp_messages_accepted_total", help: "Messages answered with 250")
    static let refused = Counter("postino_smtp_messages_refused_total", help: "Messages answered with 5xx after DATA")
    static let deferred = Counter("postino_smtp_messages_deferred_total", help: "Messages answered with 4xx after DATA")
    static let failedLogins = Counter("postino_smtp_logins_failed_total", help: "AUTH with a wrong name or password")
}
