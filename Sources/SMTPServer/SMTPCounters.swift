import Observation

enum SMTPCounters {
    static let connections = Counter("postino_smtp_connections_total", help: "SMTP connections")
    static let spokeFirst = Counter("postino_smtp_early_talkers_total", help: "Clients that spoke before the greeting")
    static let limited = Counter("postino_smtp_limited_total", help: "Commands refused since a client did too much")
    static let capped = Counter(
        "postino_smtp_accounts_capped_total", help: "Messages refused since an account sent too many")
    static let accepted = Counter("postino_smtp_messages_accepted_total", help: "Messages answered with 250")
    static let refused = Counter("postino_smtp_messages_refused_total", help: "Messages answered with 5xx after DATA")
    static let deferred = Counter("postino_smtp_messages_deferred_total", help: "Messages answered with 4xx after DATA")
    static let failedLogins = Counter("postino_smtp_logins_failed_total", help: "AUTH with a wrong name or password")
}
