public import MailCore

/// An answer whose records were read.
public enum Lookup<Element: Hashable & Sendable>: Equatable, Sendable {
    /// At least one; those that were malformed are left out.
    case found([Element], isSecure: Bool)
    case noData
    case nameError
    /// A bogus answer is one too. The text is for the log.
    case temporaryFailure(String)

    /// The elements, and none for every other case.
    public var elements: [Element] {
        if case .found(let elements, _) = self { elements } else { [] }
    }

    /// Reads RDATA with one of the functions of `RecordData`.
    public init(_ answer: Answer, _ read: ([UInt8]) -> Element?) {
        switch answer {
        case .records(let set):
            let elements = set.data.compactMap(read)
            self = elements.isEmpty ? .noData : .found(elements, isSecure: set.isSecure)
        case .noData: self = .noData
        case .nameError: self = .nameError
        case .bogus(let why): self = .temporaryFailure("DNSSEC: \(why)")
        case .temporaryFailure(let why): self = .temporaryFailure(why)
        }
    }
}

/// Where a domain takes mail, as far as MX records say.
public enum MailExchangers: Equatable, Sendable {
    /// By preference, the lowest first; those with the same in the order they came.
    case hosts([MailExchanger], isSecure: Bool)
    /// RFC 7505: the domain takes no mail.
    case nullMX
    /// RFC 5321 §5.1: the domain's own addresses are to be tried.
    case none
    case nameError
    case temporaryFailure(String)
}

extension Resolver {
    public func ipv4Addresses(of name: String) async -> Lookup<IPAddress> {
        Lookup(await query(name, .a), RecordData.ipv4)
    }

    public func ipv6Addresses(of name: String) async -> Lookup<IPAddress> {
        Lookup(await query(name, .aaaa), RecordData.ipv6)
    }

    /// Both families side by side, IPv6 first. A failure of one counts only when the other has none; `isSecure` when
    /// all is.
    public func addresses(of name: String) async -> Lookup<IPAddress> {
        async let ipv6 = ipv6Addresses(of: name)
        let ipv4 = await ipv4Addresses(of: name)
        switch (await ipv6, ipv4) {
        case (.found(let six, let sixSecure), .found(let four, let fourSecure)):
            return .found(six + four, isSecure: sixSecure && fourSecure)
        case (let found, .noData), (.noData, let found), (let found, .nameError), (.nameError, let found): return found
        case (.found(let six, let isSecure), .temporaryFailure): return .found(six, isSecure: isSecure)
        case (.temporaryFailure, let other): return other
        }
    }

    public func mailExchangers(of domain: String) async -> MailExchangers {
        switch Lookup(await query(domain, .mx), RecordData.mailExchanger) {
        case .found(let all, let isSecure):
            let hosts = all.filter { !$0.host.isEmpty }
            if hosts.isEmpty { return .nullMX }
            let sorted = hosts.enumerated().sorted {
                ($0.element.preference, $0.offset) < ($1.element.preference, $1.offset)
            }
            return .hosts(sorted.map(\.element), isSecure: isSecure)
        case .noData: return .none
        case .nameError: return .nameError
        case .temporaryFailure(let why): return .temporaryFailure(why)
        }
    }

    /// The octets of each TXT record, its strings joined.
    public func texts(of name: String) async -> Lookup<[UInt8]> {
        Lookup(await query(name, .txt), RecordData.text)
    }

    /// The names that the PTR records of an address give it, unchecked.
    public func names(of address: IPAddress) async -> Lookup<String> {
        Lookup(await query(address.reverseName, .ptr)) { data in
            RecordData.name(data).flatMap { $0.isEmpty ? nil : $0 }
        }
    }

    /// - Parameter name: of the service, as in `_25._tcp.mx.example.org` (RFC 7672 §2.2).
    public func tlsaRecords(of name: String) async -> Lookup<TLSARecord> {
        Lookup(await query(name, .tlsa), RecordData.tlsa)
    }
}
