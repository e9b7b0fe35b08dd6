import DNS

/// How far a server must prove itself before it gets mail.
enum ServerSecurity: Equatable, Sendable {
    /// TLS when it is offered, any certificate; in clear when that fails (RFC 7435).
    case opportunistic
    /// Nothing is asked for any more: TLS failed before.
    case clear
    /// TLS, any certificate (RFC 7672 §2.2: TLSA records of which none is usable).
    case encrypted
    /// TLS with a certificate for the host's name from an authority of the system's (RFC 8461 §4).
    case authenticated
    /// The same, for no policy but the message's own wish (RFC 8689 §4.2.1).
    case named
    /// The same, but only to count what fails: MTA-STS in its mode "testing" (RFC 8461 §5).
    case testing
    /// A certificate that a TLSA record means (RFC 7672).
    case dane([TLSARecord], names: [String])

    /// What may be tried when TLS failed; nil when nothing may.
    var weaker: ServerSecurity? {
        switch self {
        case .opportunistic: .clear
        case .testing: .opportunistic
        case .clear, .encrypted, .authenticated, .named, .dane: nil
        }
    }

    /// The server's identity is proven when the handshake is done.
    var isProving: Bool {
        switch self {
        case .authenticated, .named, .testing, .dane: true
        case .opportunistic, .clear, .encrypted: false
        }
    }

    /// How a server proved who it is when it did, for people.
    var proof: String? {
        switch self {
        case .dane: "DANE"
        case .authenticated, .named, .testing: "its certificate"
        case .opportunistic, .clear, .encrypted: nil
        }
    }

    /// As in a report of RFC 8460 §4.4.
    var policyName: String {
        switch self {
        case .dane, .encrypted: "tlsa"
        case .authenticated, .testing: "sts"
        case .opportunistic, .clear, .named: "no-policy-found"
        }
    }
}
