import NIOCore

/// The first line of a response (RFC 1939 §3), with its response code (RFC 2449 §8).
struct Reply: Equatable, Sendable {
    var isPositive: Bool
    var text: String

    static func ok(_ text: String) -> Reply { Reply(isPositive: true, text: text) }
    static func error(_ text: String) -> Reply { Reply(isPositive: false, text: text) }

    func write(into output: inout ByteBuffer) {
        output.writeString(isPositive ? "+OK " : "-ERR ")
        output.writeString(text)
        output.writeStaticString("\r\n")
    }
}

extension Reply {
    /// The words for a client: never a path, a library's text or an account's state.
    init(_ failure: ServerSession.Failure) {
        self =
            switch failure {
            case .credentials: .error("[AUTH] Authentication failed")
            case .inUse: .error("[IN-USE] Another session holds this mailbox")
            case .loginDelay: .error("[LOGIN-DELAY] Wait before you log in again")
            // RFC 3206 §4: another password would not help, but nothing else says it better.
            case .switchedOff: .error("[AUTH] POP3 is switched off for this mailbox")
            case .temporary: .error("[SYS/TEMP] Temporary failure, try again later")
            case .permanent: .error("[SYS/PERM] Not possible, ask your postmaster")
            case .gone: .error("Message is no longer there")
            }
    }
}
