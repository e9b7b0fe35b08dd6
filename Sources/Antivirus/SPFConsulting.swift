/// A look-up that the evaluation of SPF needs.
public struct SPFLookup: Hashable, Sendable {
    public enum Kind: Sendable {
        case a, aaaa, mx, ptr, txt
    }

    /// In lower case, without a dot at the end.
    public let name: String
    public let kind: Kind

    public init(name: String, kind: Kind) {
        self.name = name
        self.kind = kind
    }
}

/// What DNS said to it.
public enum SPFLookupAnswer: Equatable, Sendable {
    /// A: 4 octets each; AAAA: 16; MX (best first) and PTR: the host's name in ASCII; TXT: the strings joined.
    case records([[UInt8]])
    /// The name does not exist.
    case notFound
    /// The name exists, with no record of this type.
    case noData
    case temporaryFailure
}

/// RFC 7208 §2.6, by libspf2.
public enum SPFOpinion: Equatable, Sendable {
    case none, neutral, pass, fail, softfail, temperror, permerror
    /// There is no opinion: the scanner does not run, the client is a loopback address, libspf2 gave up.
    case unavailable(reason: String)
}

/// Evaluates SPF a second time. `Scanner` does, by libspf2; a test may have another.
public protocol SPFConsulting: Sendable {
    /// check_host() of RFC 7208 §4.
    ///
    /// - Parameters:
    ///   - client: 4 or 16 octets.
    ///   - mailFrom: the reverse path without angle brackets; empty for the null one.
    ///   - resolve: asked for each name at most once, several at a time.
    func checkSPF(
        client: [UInt8], helo: String, mailFrom: String,
        resolve: @escaping @Sendable (SPFLookup) async -> SPFLookupAnswer
    ) async -> SPFOpinion
}
