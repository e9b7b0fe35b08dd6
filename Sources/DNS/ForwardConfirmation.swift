public import MailCore

/// Whether an address and its reverse name agree ("iprev", RFC 8601 §3).
public enum ForwardConfirmation: Equatable, Sendable {
    /// A name of the address, one that has the address.
    case confirmed(String)
    /// It has names, and none of them has the address. The first name.
    case mismatch(String)
    /// It has no name.
    case noName
    case temporaryFailure(String)
}

extension Resolver {
    /// Asks for the names of an address, then for the addresses of at most `namesMax` of them.
    public func forwardConfirmation(of address: IPAddress, namesMax: Int = 5) async -> ForwardConfirmation {
        let names: [String]
        switch await self.names(of: address) {
        case .found(let found, _): names = found
        case .noData, .nameError: return .noName
        case .temporaryFailure(let why): return .temporaryFailure(why)
        }
        var failure: String?
        for name in names.prefix(namesMax) {
            switch await address.isIPv4 ? ipv4Addresses(of: name) : ipv6Addresses(of: name) {
            case .found(let addresses, _) where addresses.contains(address): return .confirmed(name)
            case .found, .noData, .nameError: continue
            case .temporaryFailure(let why): failure = why
            }
        }
        return failure.map { .temporaryFailure($0) } ?? names.first.map { .mismatch($0) } ?? .noName
    }
}
