/// What a configured source makes of DNSSEC.
public enum ValidationProbe: Equatable, Sendable {
    /// The root's records come signed and prove right.
    case validates
    /// They come without their signatures or prove wrong: under a trust anchor every answer would be bogus, and no mail
    /// would go. The resolver is to be made without one, and DANE is off.
    case fails(String)
    /// No answer for now.
    case unknown(String)
}

extension UnboundResolver {
    /// Asks once, with a context of its own, for the name servers of the root.
    ///
    /// - Parameter configuration: its trust anchor file must be set.
    public static func probeValidation(
        _ configuration: UnboundConfiguration
    ) async throws(ResolverError) -> ValidationProbe {
        let resolver = try UnboundResolver(configuration)
        defer { resolver.stop() }
        return switch await resolver.query(".", .ns) {
        case .records(let set) where set.isSecure: .validates
        case .records, .noData, .nameError: .fails("the root is not signed")
        case .bogus(let why): .fails(why)
        case .temporaryFailure(let why): .unknown(why)
        }
    }
}
