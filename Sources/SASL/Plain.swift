extension Credentials {
    /// Reads the one message of PLAIN:
    ///
    ///     message   = [authzid] UTF8NUL authcid UTF8NUL passwd       ; RFC 4616 §2
    ///     authcid   = 1*SAFE ; MUST accept up to 255 octets
    ///     authzid   = 1*SAFE ; MUST accept up to 255 octets
    ///     passwd    = 1*SAFE ; MUST accept up to 255 octets
    ///
    /// SAFE is any character of UTF-8 but NUL. Nil for anything else, and above our bounds.
    public init?(plainMessage octets: [UInt8]) {
        let bound = 2 * Self.identityOctetsMax + 2 + Self.passwordOctetsMax
        guard octets.count <= bound else { return nil }
        let parts = octets.split(separator: 0, maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 3,
            let authenticationIdentity = Self.text(parts[1], octetsMax: Self.identityOctetsMax),
            let password = Self.text(parts[2], octetsMax: Self.passwordOctetsMax)
        else { return nil }
        var authorizationIdentity: String?
        if !parts[0].isEmpty {
            authorizationIdentity = Self.text(parts[0], octetsMax: Self.identityOctetsMax)
            guard authorizationIdentity != nil else { return nil }
        }
        self.init(
            authorizationIdentity: authorizationIdentity, authenticationIdentity: authenticationIdentity,
            password: password)
    }
}
