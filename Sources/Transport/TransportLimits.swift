import Observation

/// What a stranger can push against before any protocol is spoken.
public enum TransportLimits {
    /// For a TLS handshake, from the first octet to its end.
    public static let handshakeSeconds = 30
    /// A client that takes nothing, or is gone without a word, is dropped after so long (TCP_USER_TIMEOUT).
    public static let unacknowledgedMilliseconds = 300_000
    /// After the last reply, for what the client still sends.
    public static let lingerSeconds = 2
    /// Connections that wait to be accepted, a listener.
    public static let backlog: Int32 = 1_024
}

enum TransportCounters {
    static let opened = Counter("postino_connections_total", help: "Connections accepted")
    static let refused = Counter("postino_connections_refused_total", help: "Connections refused for a limit")
    static let failed = Counter(
        "postino_connection_errors_total", help: "Connections ended by an error of socket or TLS")
    static let injected = Counter(
        "postino_starttls_injections_total", help: "Connections closed since octets in clear followed STARTTLS")
}
