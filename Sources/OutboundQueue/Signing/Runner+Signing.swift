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

    private var fields: [Int64: (octets: ByteBuffer, until: Int64)] = [:]

    func fields(of queueID: Int64, now: Int64) -> ByteBuffer? {
        guard let known = fields[queueID], known.until > now else { return nil }
        return known.octets
    }

    mutating func keep(_ octets: ByteBuffer, of queueID: Int64, now: Int64) {
        if fields.count >= Self.messagesMax { fields = [:] }
        fields[queueID] = (octets, now + Self.seconds)
    }
}

extension Runner {
    /// Of a message so much is read for its header; a longer one is no person's, and is not signed.
    private static let headerOctetsMax = 262_144

    /// The fields that go before a message: signatures of what was written here (RFC 6376 §5), a seal on what is sent on
    /// for others (RFC 8617); nothing for what cannot be signed: that goes without.
    func signature(for consignment: Consignment) async -> ByteBuffer {
        guard consignment.options.isOurs || consignment.options.seal != nil, let signing else { return ByteBuffer() }
        if let known = signatures.fields(of: consignment.queueID, now: now()) { return known }
        do {
            let fields = try await Self.sign(consignment, signing, store, now: now())
            signatures.keep(fields, of: consignment.queueID, now: now())
            return fields
        } catch {
            log.error("a message cannot be signed", metadata: ["queue": "\(consignment.queueID)", "error": "\(error)"])
            return ByteBuffer()
        }
    }

    private static func sign(
        _ consignment: Consignment, _ signing: Signing, _ store: any QueueStorage, now: Int64
    ) async throws -> ByteBuffer {
        let (body, octets) = (consignment.body, consignment.body.octetCount)
        let first = try await store.octets(of: body, range: 0..<min(octets, headerOctetsMax))
        let header = Header(parsing: first)
        let keys = try await keys(header, consignment, signing)
        guard !keys.isEmpty else { return ByteBuffer() }
        let source = StoredBody(range: min(header.range.upperBound, octets)..<octets) { range in
            // What was read with the header need not be read again.
            if let piece = first.getSlice(at: first.readerIndex + range.lowerBound, length: range.count) {
                return piece
            }
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
    private static func keys(
        _ header: Header, _ consignment: Consignment, _ signing: Signing
    ) async throws -> [DKIMKey] {
        if let seal = consignment.options.seal { return try await signing.keys(seal.domain) }
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
            let keys = try await signing.keys(domain)
            if !keys.isEmpty { return keys }
        }
        return []
    }
}
