import DNS
import MailCore

/// RFC 7208 §5.
extension SPFCheck {
    mutating func matches(_ mechanism: SPFRecord.Mechanism, _ domain: String) async throws(SPFError) -> Bool {
        switch mechanism {
        case .all: return true
        case .ip(let network): return network.contains(expansion.client)
        case .include(let spec):
            try countLookup()
            return try await includes(try await name(spec, domain))
        case .a(let spec, let lengths):
            try countLookup()
            let target = try await name(spec, domain)
            let addresses = try await addresses(of: target)
            if addresses.isEmpty { try countVoidLookup(target) }
            return addresses.contains { isClient($0, lengths) }
        case .mx(let spec, let lengths):
            try countLookup()
            return try await exchangerMatches(try await name(spec, domain), lengths)
        case .ptr(let spec):
            try countLookup()
            let target = try await name(spec, domain)
            let names = await clientNames()
            if clientIsNameless { try countVoidLookup(expansion.client.reverseName) }
            return names.contains { SPFCheck.isInside($0, target) }
        case .exists(let spec):
            try countLookup()
            return try await exists(try await name(spec, domain))
        }
    }

    private func isClient(_ address: IPAddress, _ lengths: SPFRecord.PrefixLengths) -> Bool {
        expansion.client.isInside(address, prefixLength: address.isIPv4 ? lengths.ipv4 : lengths.ipv6)
    }

    /// RFC 7208 §5.2, its table.
    private mutating func includes(_ target: String) async throws(SPFError) -> Bool {
        switch try await includedResult(target) {
        case .pass: return true
        case .fail, .softfail, .neutral: return false
        case .temperror: throw .temporary("include:\(target)")
        case .permerror: throw .permanent("include:\(target)")
        case .none: throw .permanent("include of \(target), which has no SPF record")
        }
    }

    /// RFC 7208 §5.3: always of the client's family.
    private func addresses(of name: String) async throws(SPFError) -> [IPAddress] {
        switch await expansion.client.isIPv4 ? resolver.ipv4Addresses(of: name) : resolver.ipv6Addresses(of: name) {
        case .found(let addresses, _): return addresses
        case .noData, .nameError: return []
        case .temporaryFailure(let why): throw .temporary("addresses of \(name): \(why)")
        }
    }

    /// RFC 7208 §5.4, §4.6.4: more than 10 MX records are a permerror. The hosts are asked for side by side; one that
    /// matches counts more than one that fails.
    private mutating func exchangerMatches(
        _ target: String, _ lengths: SPFRecord.PrefixLengths
    ) async throws(SPFError) -> Bool {
        let hosts: [String]
        switch Lookup(await resolver.query(target, .mx), RecordData.mailExchanger) {
        case .found(let exchangers, _): hosts = exchangers.map(\.host).filter { !$0.isEmpty }
        case .noData, .nameError: hosts = []
        case .temporaryFailure(let why): throw .temporary("MX of \(target): \(why)")
        }
        guard hosts.count <= Self.namesMax else { throw .permanent("\(hosts.count) MX records of \(target)") }
        let found = await addressesByName(hosts)
        if found.contains(where: { $0.elements.contains { isClient($0, lengths) } }) { return true }
        for case .temporaryFailure(let why) in found { throw .temporary("MX hosts of \(target): \(why)") }
        if found.allSatisfy(\.elements.isEmpty) { try countVoidLookup(target) }
        return false
    }

    /// RFC 7208 §5.7: any A record will do, for IPv6 clients too.
    private mutating func exists(_ target: String) async throws(SPFError) -> Bool {
        switch await resolver.ipv4Addresses(of: target) {
        case .found: return true
        case .noData, .nameError:
            try countVoidLookup(target)
            return false
        case .temporaryFailure(let why): throw .temporary("A of \(target): \(why)")
        }
    }

    /// The names of the client that have its address (RFC 7208 §5.5), of the first 10 in its PTR records; asked for
    /// once a check. Failures only mean that there are none.
    mutating func clientNames() async -> [String] {
        if let validatedNames { return validatedNames }
        let answer = await resolver.names(of: expansion.client)
        clientIsNameless = answer == .noData || answer == .nameError
        let names = Array(answer.elements.prefix(Self.namesMax))
        let found = await addressesByName(names)
        let client = expansion.client
        let validated = zip(names, found).filter { $0.1.elements.contains(client) }.map(\.0)
        validatedNames = validated
        return validated
    }

    /// The answers in the order of the names, at most 10.
    private func addressesByName(_ names: [String]) async -> [Lookup<IPAddress>] {
        let (resolver, isIPv4) = (resolver, expansion.client.isIPv4)
        return await withTaskGroup(of: (Int, Lookup<IPAddress>).self) { group in
            for (index, name) in names.enumerated() {
                group.addTask {
                    (index, await isIPv4 ? resolver.ipv4Addresses(of: name) : resolver.ipv6Addresses(of: name))
                }
            }
            var answers = [Lookup<IPAddress>](repeating: .noData, count: names.count)
            for await (index, answer) in group { answers[index] = answer }
            return answers
        }
    }
}
