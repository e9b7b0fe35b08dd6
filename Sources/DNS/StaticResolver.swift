import MailCore

/// Answers from a table, as one authority for all names: for tests.
public struct StaticResolver: Resolver {
    public enum Record: Hashable, Sendable {
        case a(String)
        case aaaa(String)
        case mx(UInt16, String)
        case txt(String)
        /// The octets of the strings of one TXT record.
        case strings([[UInt8]])
        case ptr(String)
        case cname(String)
        case tlsa(TLSARecord)
        /// Look-ups of this type fail; of every type when nil.
        case failure(RecordType?)
    }

    private var zone: [String: [Record]] = [:]
    private var emptyNames: Set<String> = []
    private let isSecure: Bool

    /// - Parameters:
    ///   - zone: names in any case. A name that is not in it, nor above one that is, does not exist.
    ///   - isSecure: what the answers say of DNSSEC.
    public init(_ zone: [String: [Record]], isSecure: Bool = false) {
        self.isSecure = isSecure
        for (name, records) in zone {
            var rest = DomainName.key(name)[...]
            self.zone[String(rest), default: []] += records
            while let dot = rest.firstIndex(of: ".") {
                rest = rest[rest.index(after: dot)...]
                emptyNames.insert(String(rest))
            }
        }
    }

    public func query(_ name: String, _ type: RecordType) async -> Answer {
        guard DomainName.isQueryable(name) else { return .nameError(isSecure: false) }
        var key = DomainName.key(name)
        for _ in 0..<10 {
            guard let records = zone[key] else {
                return emptyNames.contains(key) ? .noData(isSecure: isSecure) : .nameError(isSecure: isSecure)
            }
            if records.contains(.failure(nil)) || records.contains(.failure(type)) {
                return .temporaryFailure("SERVFAIL")
            }
            let data = records.compactMap { $0.data(of: type) }
            if !data.isEmpty {
                return .records(RecordSet(data: data, canonicalName: key, ttlSeconds: 3600, isSecure: isSecure))
            }
            guard let alias = records.lazy.compactMap({ $0.alias }).first else { return .noData(isSecure: isSecure) }
            key = DomainName.key(alias)
        }
        return .temporaryFailure("CNAME records lead in a circle")
    }
}

extension StaticResolver.Record {
    fileprivate var alias: String? {
        if case .cname(let name) = self { name } else { nil }
    }

    fileprivate func data(of type: RecordType) -> [UInt8]? {
        switch (self, type) {
        case (.a(let text), .a), (.aaaa(let text), .aaaa): IPAddress(text)?.octets
        case (.mx(let preference, let host), .mx):
            [UInt8(preference >> 8), UInt8(preference & 255)] + Self.wireName(host)
        case (.txt(let text), .txt): Self.wireStrings([Array(text.utf8)])
        case (.strings(let strings), .txt): Self.wireStrings(strings)
        case (.ptr(let name), .ptr), (.cname(let name), .cname): Self.wireName(name)
        case (.tlsa(let record), .tlsa):
            [record.certificateUsage, record.selector, record.matchingType] + record.associationData
        default: nil
        }
    }

    private static func wireName(_ name: String) -> [UInt8] {
        name.utf8.split(separator: UInt8(ascii: ".")).flatMap { [UInt8($0.count & 63)] + $0 } + [0]
    }

    /// Strings above 255 octets are cut into several.
    private static func wireStrings(_ strings: [[UInt8]]) -> [UInt8] {
        strings.flatMap { string -> [UInt8] in
            if string.isEmpty { return [0] }
            return stride(from: 0, to: string.count, by: 255).flatMap { start in
                let piece = string[start..<min(start + 255, string.count)]
                return [UInt8(piece.count)] + piece
            }
        }
    }
}
