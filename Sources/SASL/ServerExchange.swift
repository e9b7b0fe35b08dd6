/// The server's side of one authentication exchange (RFC 4422 §3), without the protocol that carries it.
///
/// A carrier that speaks base64 in lines (SMTP, IMAP, POP3) calls `start(initialResponseText:)` and `respond(line:)`,
/// sends `Base64.encode(challenge)` for each challenge, and ends the exchange at `verify` or `failed`.
public struct ServerExchange: Sendable {
    public enum Step: Equatable, Sendable {
        /// Send this (it may be empty) and hand the client's answer to `respond`.
        case challenge([UInt8])
        /// The exchange is over: the outcome is what the account's store says to these.
        case verify(Credentials)
        /// The exchange is over without credentials.
        case failed(Failure)
    }

    /// Why an exchange brought no credentials. Each is the client's doing.
    public enum Failure: Error, Equatable, Sendable {
        /// The client sent "*" (RFC 4954 §4, RFC 9051 §6.2.2, RFC 5034 §4).
        case cancelled
        /// Not base64 as RFC 4648 §4 has it.
        case malformedBase64
        /// More than `clientOctetsMax` decoded.
        case tooLong
        /// Not what the mechanism wants, or a name or password outside its bounds.
        case malformedMessage
        /// The exchange was not waiting for the client.
        case unexpected
    }

    private enum State: Sendable {
        case unstarted
        case awaitingPlain
        case awaitingLoginName
        case awaitingLoginPassword(name: String)
        case ended
    }

    public let mechanism: Mechanism
    private var state = State.unstarted

    /// Largest decoded message of a client, in octets: what a line of 12,288 octets holds (RFC 4954 §4, RFC 5034 §4).
    public static let clientOctetsMax = 9_216

    public init(_ mechanism: Mechanism) { self.mechanism = mechanism }

    /// Begins; `initialResponse` is nil when the client sent none, which is not the same as an empty one.
    public mutating func start(initialResponse: [UInt8]?) -> Step {
        guard case .unstarted = state else { return fail(.unexpected) }
        switch mechanism {
        case .plain:
            state = .awaitingPlain
            // RFC 4422 §3: a client-first mechanism without initial response gets an empty challenge.
            guard let initialResponse else { return .challenge([]) }
            return respond(initialResponse)
        case .login:
            state = .awaitingLoginName
            guard let initialResponse else { return .challenge(Array("Username:".utf8)) }
            return respond(initialResponse)
        }
    }

    /// Takes the client's answer to the last challenge, base64 undone.
    public mutating func respond(_ clientOctets: [UInt8]) -> Step {
        guard clientOctets.count <= Self.clientOctetsMax else { return fail(.tooLong) }
        switch state {
        case .unstarted, .ended:
            return fail(.unexpected)
        case .awaitingPlain:
            guard let credentials = Credentials(plainMessage: clientOctets) else { return fail(.malformedMessage) }
            state = .ended
            return .verify(credentials)
        case .awaitingLoginName:
            guard let name = Credentials.text(clientOctets[...], octetsMax: Credentials.identityOctetsMax) else {
                return fail(.malformedMessage)
            }
            state = .awaitingLoginPassword(name: name)
            return .challenge(Array("Password:".utf8))
        case .awaitingLoginPassword(let name):
            guard let password = Credentials.text(clientOctets[...], octetsMax: Credentials.passwordOctetsMax) else {
                return fail(.malformedMessage)
            }
            state = .ended
            return .verify(Credentials(authenticationIdentity: name, password: password))
        }
    }

    mutating func fail(_ failure: Failure) -> Step {
        state = .ended
        return .failed(failure)
    }
}
