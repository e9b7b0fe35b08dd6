/// What a client session asks of its caller.
public enum ClientStep: Equatable, Sendable {
    /// Send what was written and read on; after `withinSeconds` without an octet call `timedOut()`.
    case needsInput(withinSeconds: Int)
    /// Begin the TLS handshake, then call `tlsStarted`. Octets that came in clear behind the reply are a fault: close.
    /// When the handshake fails under `opportunistic`, connect again with `never`.
    case startTLS
    /// The session is open and idle: call `begin(_:)` or `quit()`, then `advance`.
    case ready(PeerFacts)
    /// The server waits for the message: write it through `writeBody(_:into:)`, then `finishBody(into:)`, then
    /// `advance`. What comes meanwhile may be handed to `advance` too.
    case sendBody
    /// The transaction is over, one result for each recipient in its order: call `begin(_:)` or `quit()`, then
    /// `advance`, which says `failed` then if the session broke in this transaction.
    case finished([RecipientResult])
    /// No more can be done here: close, and take `ClientFailure.result` for every recipient not yet told.
    case failed(ClientFailure)
    /// QUIT was answered: close.
    case close
}

/// Why a session ended before its work was done.
public enum ClientFailure: Error, Equatable, Sendable {
    /// What the session was waiting for.
    public enum Stage: String, Equatable, Sendable {
        case greeting, hello, startTLS, authentication, transaction, data, endOfData, quit
    }

    /// The server said no to the session itself.
    case refused(Reply, Stage)
    /// TLS is required and not to be had.
    case tlsUnavailable
    /// Credentials are configured, and the server offers neither PLAIN nor LOGIN, or offers them only in clear.
    case authenticationUnavailable
    /// What came was no reply, or not one to what was asked.
    case malformedReply(Stage)
    case timedOut(Stage)
    /// The connection ended.
    case disconnected(Stage)
}

extension ClientFailure {
    /// What it means for a recipient: temporary but where the server refused for good.
    public var result: RecipientResult {
        switch self {
        // RFC 5321 §4.2.1: what a 5xx to us and our set-up says, another server or a repaired set-up may see otherwise.
        case .refused(let reply, .startTLS), .refused(let reply, .authentication):
            .temporary(Reply(reply.isTemporary ? reply.code : 454, "4.7.0", lines: reply.lines))
        case .refused(let reply, _): reply.isPermanent ? .permanent(reply) : .temporary(reply)
        case .tlsUnavailable: .temporary(Reply(454, "4.7.0", "The server offers no TLS, which is required"))
        case .authenticationUnavailable:
            .temporary(Reply(454, "4.7.0", "The server offers no AUTH PLAIN or LOGIN that may be used"))
        case .malformedReply(let stage):
            .temporary(Reply(451, "4.5.0", "The server broke the protocol (\(stage.rawValue))"))
        case .timedOut(let stage):
            .temporary(Reply(451, "4.4.2", "The server did not answer in time (\(stage.rawValue))"))
        case .disconnected(let stage):
            .temporary(Reply(451, "4.4.2", "The connection was lost (\(stage.rawValue))"))
        }
    }
}
