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
        /// Hand the SCRAM keys of this login name to `provide`; such as fit no password when there are none.
        case lookUp(String)
        /// The exchange is over: the outcome is what the account's store says to this, also when it is not proven.
        case admit(SCRAMClaim)
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
        /// The client ties to the channel in a way that was not offered, or does not where it was (RFC 5802 §6): somebody
        /// may stand between.
        case channelBinding
        /// The exchange was not waiting for the client.
        case unexpected
    }

    private enum State: Sendable {
        case unstarted
        case awaitingPlain
        case awaitingLoginName
        case awaitingLoginPassword(name: String)
        case awaitingSCRAMFirst
        case awaitingKeys(SCRAMClientFirst)
        case awaitingSCRAMFinal(SCRAMDialogue)
        /// The server has shown its own proof, to which the client has nothing to say.
        case awaitingNothing(SCRAMClaim)
        case ended
    }

    public let mechanism: Mechanism
    /// What the channel can be tied to by "tls-server-end-point" (RFC 5929 §4): the certificate's digest.
    private let endPoint: [UInt8]?
    private var state = State.unstarted

    /// Largest decoded message of a client, in octets: what a line of 12,288 octets holds (RFC 4954 §4, RFC 5034 §4).
    public static let clientOctetsMax = 9_216

    /// - Parameter endPoint: of this connection's TLS; nil when SCRAM-SHA-256-PLUS was not offered.
    public init(_ mechanism: Mechanism, endPoint: [UInt8]? = nil) {
        self.mechanism = mechanism
        self.endPoint = endPoint
    }

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
        case .scramSHA256, .scramSHA256Plus:
            state = .awaitingSCRAMFirst
            guard let initialResponse else { return .challenge([]) }
            return respond(initialResponse)
        }
    }

    /// Takes the client's answer to the last challenge, base64 undone.
    public mutating func respond(_ clientOctets: [UInt8]) -> Step {
        guard clientOctets.count <= Self.clientOctetsMax else { return fail(.tooLong) }
        switch state {
        case .unstarted, .awaitingKeys, .ended:
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
        case .awaitingSCRAMFirst:
            return take(first: clientOctets)
        case .awaitingSCRAMFinal(let dialogue):
            guard let final = SCRAMClientFinal(clientOctets) else { return fail(.malformedMessage) }
            let (claim, signature) = dialogue.check(final)
            // A server that does not believe shows nothing: the store says no in its own words.
            guard claim.isProven else {
                state = .ended
                return .admit(claim)
            }
            state = .awaitingNothing(claim)
            return .challenge(Array("v=".utf8) + Base64.encode(signature))
        case .awaitingNothing(let claim):
            guard clientOctets.isEmpty else { return fail(.malformedMessage) }
            state = .ended
            return .admit(claim)
        }
    }

    /// Takes the answer to `lookUp`.
    public mutating func provide(_ offer: SCRAMOffer) -> Step {
        guard case .awaitingKeys(let first) = state else { return fail(.unexpected) }
        let dialogue = SCRAMDialogue(
            first, offer: offer, endPoint: mechanism == .scramSHA256Plus ? endPoint : nil)
        state = .awaitingSCRAMFinal(dialogue)
        return .challenge(Array(dialogue.serverFirst.utf8))
    }

    private mutating func take(first octets: [UInt8]) -> Step {
        guard let first = SCRAMClientFirst(octets) else { return fail(.malformedMessage) }
        // RFC 5802 §6: a client that could tie and was kept from it by somebody who cut the offer out must fail.
        let isAllowed =
            switch first.binding {
            case .unsupported: mechanism == .scramSHA256
            case .unoffered: mechanism == .scramSHA256 && endPoint == nil
            case .used(let name): mechanism == .scramSHA256Plus && endPoint != nil && name == Self.bindingName
            }
        guard isAllowed else { return fail(.channelBinding) }
        state = .awaitingKeys(first)
        return .lookUp(first.name)
    }

    /// RFC 5929 §4.
    private static let bindingName = "tls-server-end-point"

    mutating func fail(_ failure: Failure) -> Step {
        state = .ended
        return .failed(failure)
    }
}
