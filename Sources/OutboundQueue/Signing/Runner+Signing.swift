import Logging
import MIME
import MailAuth
import MailCore
import MessageStore
import NIOCore

/// Signatures that were made, by message: one to many destinations is signed once.
struct SignatureMemory: Sendable {
    private static let messagesMax = 512
    /// A key that was changed meanwhile is followed soon.
    private static let seconds: Int64 = 300

    /// A message that is converted for one server and not for another is signed for each.
    struct Subject: Hashable, Sendable {
        var queueID: Int64
        var form: Outgoing.Form
    }

    private var fields: [Subject: (octets: ByteBuffer, until: Int64)] = [:]

    func fields(of subject: Subject, now: Int64) -> ByteBuffer? {
        guard let known = fields[subject], known.until > now else { return nil }
        return known.octets
    }

    mutating func keep(_ octets: ByteBuffer, of subject: Subject, now: Int64) {
        if fields.count >= Self.messagesMax { fields = [:] }
        fields[subject] = (octets, now + Self.seconds)
    }
}

extension Runner {
    /// Keys that were made or retired meanwhile are followed after so long.
    private static let keySeconds: Int64 = 10
    private static let domainsMax = 1_000

    /// The fields that go before a message: signatures of what was written here (RFC 6376 §5), a seal on what is sent on
    /// for others (RFC 8617); nothing for what cannot be signed: that goes without.
    func signature(for consignment: Consignment, _ message: Outgoing) async -> ByteBuffer {
        guard consignment.options.isOurs || consignment.options.seal != nil, let signing else { return ByteBuffer() }
        let subject = SignatureMemory.Subject(queueID: consignment.queueID, form: message.form)
        if let known = signatures.fields(of: subject, now: now()) { return known }
        do {
            let fields = try await sign(consignment, message, signing)
            signatures.keep(fields, of: subject, now: now())
            return fields
        } catch {
            log.error("a message cannot be signed", metadata: ["queue": "\(consignment.queueID)", "error": "\(error)"])
            return ByteBuffer()
        }
    }

    private func sign(
        _ consignment: Consignment, _ message: Outgoing, _ signing: Signing
    ) async throws -> ByteBuffer {
        // A header that is longer is no person's, and the message is not signed.
        let first: ByteBuffer
        switch message.content {
        case .memory(let octets): first = octets.slice()
        case .stored(let body, let octets):
            first = try await store.octets(of: body, range: 0..<min(octets, Self.headOctetsMax))
        }
        let header = Header(parsing: first)
        let keys = try await keys(header, consignment, signing)
        guard !keys.isEmpty else { return ByteBuffer() }
        let (store, now, count) = (store, now(), message.contentOctets)
        let source = StoredBody(range: min(header.range.upperBound, count)..<count) { range in
            // What was read with the header need not be read again.
            if let piece = first.getSlice(at: range.lowerBound, length: range.count) { return piece }
            guard case .stored(let body, _) = message.content else { return ByteBuffer() }
            return try await store.octets(of: body, range: range)
        }
        let seal = consignment.options.seal
        return try await Task(executorPreference: signing.pool) {
            guard let seal else { return try await DKIMSigner(keys).sign(header, body: source, unixSeconds: now) }
            guard let results = AuthenticationResults(parsing: Array(seal.results.utf8)),
                let status = ARCStatus(rawValue: seal.status), let key = keys.first
            else { return ByteBuffer() }
            return try await ARCSealer(key).seal(
                header, body: source, results: results, status: status, unixSeconds: now)
        }.value
    }

    /// Those of the author's domain, which is what DMARC looks at (RFC 7489 §3.1.1), else of the envelope's.
    private func keys(
        _ header: Header, _ consignment: Consignment, _ signing: Signing
    ) async throws -> [DKIMKey] {
        if let seal = consignment.options.seal { return try await keys(of: seal.domain, signing) }
        var domains = header.addresses("From", limit: 10).mailboxes.compactMap { $0.address?.domain.lowercased() }
        domains = Array(domains.prefix(1))
        if let envelope = consignment.reversePath.address?.domain.lowercased(), !domains.contains(envelope) {
            domains.append(envelope)
        }
        // A notice's author is at this host, which need not be a domain with mail: a signature of the one above is aligned
        // (RFC 7489 §3.1.1).
        if consignment.reversePath.address == nil, let host = domains.first, let dot = host.firstIndex(of: ".") {
            domains.append(String(host[host.index(after: dot)...]))
        }
        for domain in domains {
            let keys = try await keys(of: domain, signing)
            if !keys.isEmpty { return keys }
        }
        return []
    }

    /// They are read and made ready once for many messages.
    private func keys(of domain: String, _ signing: Signing) async throws -> [DKIMKey] {
        if let known = signingKeys[domain], known.until > now() { return known.keys }
        let keys = try await signing.keys(domain)
        if signingKeys.count >= Self.domainsMax { signingKeys = [:] }
        signingKeys[domain] = (keys, now() + Self.keySeconds)
        return keys
    }
}
