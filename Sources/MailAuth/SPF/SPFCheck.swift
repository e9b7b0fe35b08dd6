import DNS
import MailCore

/// One evaluation of check_host() with its counters (RFC 7208 §4).
struct SPFCheck {
    struct Judgement: Equatable, Sendable {
        var result: SPFResult
        var reason: String
        var explanation: String?
    }

    /// RFC 7208 §4.6.4.
    static let lookupsMax = 10
    static let voidLookupsMax = 2
    static let namesMax = 10
    static let explanationOctetsMax = 500

    let resolver: any Resolver
    /// Its domain is that of the check as a whole; copies are made for the records met.
    let expansion: SPFExpansion
    var lookups = 0
    var voidLookups = 0
    /// The names of the client that were validated, once they were looked up.
    var validatedNames: [String]?
    /// There was an answer, and no PTR record in it.
    var clientIsNameless = false

    init(resolver: any Resolver, expansion: SPFExpansion) {
        self.resolver = resolver
        self.expansion = expansion
    }

    mutating func run() async -> Judgement {
        do throws(SPFError) {
            return try await judge(expansion.domain, wantsExplanation: true)
        } catch {
            switch error {
            case .permanent(let why): return Judgement(result: .permerror, reason: why)
            case .temporary(let why): return Judgement(result: .temperror, reason: why)
            }
        }
    }

    /// check_host(). Included records recurse; the limit of look-ups bounds how deep.
    private mutating func judge(_ domain: String, wantsExplanation: Bool) async throws(SPFError) -> Judgement {
        guard Self.isJudgeable(domain) else {
            return Judgement(result: .none, reason: "\(domain) is no domain with SPF")
        }
        guard let record = try await record(of: domain) else {
            return Judgement(result: .none, reason: "\(domain) has no SPF record")
        }
        for directive in record.directives where try await matches(directive.mechanism, domain) {
            var judgement = Judgement(result: directive.qualifier, reason: "\(directive.text) of \(domain)")
            if judgement.result == .fail, wantsExplanation, let source = record.explanation {
                judgement.explanation = await explanation(source, domain)
            }
            return judgement
        }
        guard let redirect = record.redirect else {
            return Judgement(result: .neutral, reason: "nothing in the record of \(domain) matches")
        }
        // RFC 7208 §6.1.
        try countLookup()
        let target = try await name(redirect, domain)
        let judgement = try await judge(target, wantsExplanation: wantsExplanation)
        guard judgement.result != .none else { throw .permanent("redirect to \(target), which has no SPF record") }
        return judgement
    }

    /// The record of an `include`, its own explanation and redirect apart.
    mutating func includedResult(_ domain: String) async throws(SPFError) -> SPFResult {
        try await judge(domain, wantsExplanation: false).result
    }

    /// RFC 7208 §4.3: not malformed, more than one label, no address literal.
    private static func isJudgeable(_ domain: String) -> Bool {
        var domain = domain[...]
        if domain.hasSuffix(".") { domain.removeLast() }
        return DomainName.isQueryable(domain) && domain.utf8.contains(UInt8(ascii: "."))
            && domain.utf8.first != UInt8(ascii: "[")
    }

    /// RFC 7208 §4.4, §4.5.
    private func record(of domain: String) async throws(SPFError) -> SPFRecord? {
        switch await resolver.texts(of: domain) {
        case .found(let texts, _):
            let records = texts.filter { SPFRecord.isSPF($0) }
            guard let first = records.first else { return nil }
            guard records.count == 1 else { throw .permanent("\(domain) has \(records.count) SPF records") }
            do throws(SPFError) {
                return try SPFRecord(first)
            } catch {
                guard case .permanent(let why) = error else { throw error }
                throw .permanent("\(why), in the record of \(domain)")
            }
        case .noData, .nameError: return nil
        case .temporaryFailure(let why): throw .temporary("TXT of \(domain): \(why)")
        }
    }

    mutating func countLookup() throws(SPFError) {
        lookups += 1
        guard lookups <= Self.lookupsMax else { throw .permanent("more than \(Self.lookupsMax) terms with look-ups") }
    }

    mutating func countVoidLookup(_ name: String) throws(SPFError) {
        voidLookups += 1
        guard voidLookups <= Self.voidLookupsMax else {
            throw .permanent("more than \(Self.voidLookupsMax) void look-ups, the last of \(name)")
        }
    }

    /// The name that a domain-spec gives, or the current domain.
    mutating func name(_ spec: SPFMacroString?, _ domain: String) async throws(SPFError) -> String {
        guard let spec else { return domain }
        return try await expansion(for: spec, domain).domainName(spec)
    }

    private mutating func expansion(for string: SPFMacroString, _ domain: String) async -> SPFExpansion {
        var expansion = self.expansion
        expansion.domain = domain
        let asksForName = string.parts.contains {
            if case .macro(let macro) = $0 { macro.letter == UInt8(ascii: "p") } else { false }
        }
        if asksForName { expansion.validatedName = await bestName(for: domain) }
        return expansion
    }

    /// RFC 7208 §7.3: the domain itself, else a name below it, else any.
    private mutating func bestName(for domain: String) async -> String? {
        let names = await clientNames()
        return names.first { DomainName.key($0) == DomainName.key(domain) }
            ?? names.first { SPFCheck.isInside($0, domain) } ?? names.first
    }

    static func isInside(_ name: String, _ domain: String) -> Bool {
        let (name, domain) = (DomainName.key(name), DomainName.key(domain))
        return name == domain || name.hasSuffix("." + domain)
    }

    /// RFC 7208 §6.2: whatever goes wrong here only means that there is no explanation.
    private mutating func explanation(_ source: SPFMacroString, _ domain: String) async -> String? {
        do throws(SPFError) {
            let target = try await name(source, domain)
            guard case .found(let texts, _) = await resolver.texts(of: target), texts.count == 1 else { return nil }
            guard texts[0].count <= Self.explanationOctetsMax * 4 else { return nil }
            let string = try SPFMacroString(texts[0][...], as: .explanation)
            let text = try await expansion(for: string, domain).expand(string)
            return PlainText.printable(String(decoding: text, as: UTF8.self), max: Self.explanationOctetsMax)
        } catch {
            return nil
        }
    }
}
