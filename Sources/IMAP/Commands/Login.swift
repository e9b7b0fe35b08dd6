import SASL

/// The commands of the state before authentication (RFC 3501 §6.2).
extension CommandSyntax {
    static let startTLS = CommandSyntax("STARTTLS", in: .notAuthenticated, .startTLS)

    /// `login = "LOGIN" SP userid SP password`
    static let login = CommandSyntax("LOGIN", in: .notAuthenticated) { p throws(SyntaxError) in
        try p.space()
        let name = try p.text("userid", octetsMax: Credentials.identityOctetsMax)
        try p.space()
        let password = try p.text("password", octetsMax: Credentials.passwordOctetsMax)
        return .login(Credentials(authenticationIdentity: name, password: password))
    }

    /// `authenticate = "AUTHENTICATE" SP auth-type [SP initial-resp]` (RFC 4959 §3)
    static let authenticate = CommandSyntax("AUTHENTICATE", in: .notAuthenticated) { p throws(SyntaxError) in
        try p.space()
        let mechanism = try p.atom("auth-type", octetsMax: 64)
        guard p.take(" ") else { return .authenticate(mechanism: mechanism, initialResponse: nil) }
        let response = p.run { $0 > 0x20 && $0 < 0x7f }
        guard !response.isEmpty else { throw p.expected("initial-resp") }
        return .authenticate(mechanism: mechanism, initialResponse: Array(response))
    }
}
