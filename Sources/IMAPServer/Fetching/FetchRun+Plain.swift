import IMAP
import MIME
import MailCore
import MessageStore
import NIOCore

/// Headers beyond US-ASCII (RFC 6532) for a client that has not said that it reads them (RFC 6855 §3, RFC 9051 §5.1): it
/// is shown what RFC 6858 makes of them. RFC822.SIZE and searches are about the message as it is (RFC 6858 §3).
extension FetchRun {
    /// The message as the client is to see it: itself, but for few.
    ///
    /// - Parameter body: the shared body, where it is at hand.
    func shown(_ detail: MessageDetail, _ body: ByteBuffer?) async throws -> MessageDetail {
        guard plan.readsASCII, try await mayHaveMore(detail, body) else { return detail }
        let all: DetailSet = [.envelope, .structure, .prefix, .body, .preview, .thread]
        guard var full = try await store.details(of: [detail.summary], account: account, want: all).first,
            let plain = try await store.plainHeaders(of: full)
        else { return detail }
        full.octets = detail.octets
        full.prefix = plain.prefix
        full.plainHeaders = plain
        full.envelope.clear()
        EnvelopeWriter.write(Header(parsing: try await plainHeader(full, body)), into: &full.envelope)
        try await describe(&full, plain, body)
        return full
    }

    /// Whether there may be octets above 127 in what the client asked for: of most messages this is all that is done.
    private func mayHaveMore(_ detail: MessageDetail, _ body: ByteBuffer?) async throws -> Bool {
        let kept = [detail.envelope, detail.bodyStructure, detail.headerFields ?? ByteBuffer(), detail.prefix]
        if kept.contains(where: { !$0.isASCII }) { return true }
        guard plan.readsBodies, let reference = detail.body else { return false }
        return try await !part(detail, body, 0..<min(detail.headerOctets, reference.octetCount)).isASCII
    }

    /// Parameters in the headers of parts may be written otherwise, too, and then the sizes of containers change.
    private func describe(_ detail: inout MessageDetail, _ plain: PlainHeaders, _ body: ByteBuffer?) async throws {
        let octetCount = detail.body?.octetCount ?? 0
        guard !detail.bodyStructure.isASCII, octetCount <= PlainHeaders.wholeOctetsMax else { return }
        let stored = try await part(detail, body, 0..<octetCount)
        let message = MIME.Message(parsing: plain.octets(of: 0..<octetCount, stored))
        detail.bodyStructure.clear()
        detail.bodyStructureBasic.clear()
        BodyStructureWriter.write(message, isExtended: true, into: &detail.bodyStructure)
        BodyStructureWriter.write(message, isExtended: false, into: &detail.bodyStructureBasic)
    }

    private func plainHeader(_ detail: MessageDetail, _ body: ByteBuffer?) async throws -> ByteBuffer {
        let range = 0..<min(detail.headerOctets, detail.body?.octetCount ?? 0)
        let stored = try await part(detail, body, range)
        return detail.plainHeaders?.octets(of: range, stored) ?? stored
    }

    /// A section as the client is to see it.
    func plainContent(
        of section: SectionSpec, _ detail: MessageDetail, _ plain: PlainHeaders, _ body: ByteBuffer?
    ) async throws -> Section {
        if section.path.isEmpty {
            switch section.text {
            case .headerFields(let names):
                return .octets(
                    Self.fields(detail.prefix, try await plainHeader(detail, body)) { $0.lines(named: names) })
            case .headerFieldsNot(let names):
                return .octets(
                    Self.fields(detail.prefix, try await plainHeader(detail, body)) { $0.lines(notNamed: names) })
            case .whole, .header, .text, .mime: break
            }
        }
        let found = try await storedContent(of: section, detail, body)
        guard case .stored(var prefix, let range) = found, plain.touches(range) else { return found }
        if plain.replaced.count == 1, let header = plain.replaced.first, range.lowerBound == 0,
            header.range.lowerBound == 0
        {
            // The rest is sent as it is read.
            prefix.writeImmutableBuffer(header.octets)
            return .stored(prefix: prefix, header.range.upperBound..<range.upperBound)
        }
        prefix.writeImmutableBuffer(plain.octets(of: range, try await part(detail, body, range)))
        return .octets(prefix)
    }
}

extension ByteBuffer {
    var isASCII: Bool { withUnsafeReadableBytes(\.isASCII) }
}

extension UnsafeRawBufferPointer {
    /// Eight octets at a time: every message of a listing is looked through.
    var isASCII: Bool {
        var index = 0
        while index + 8 <= count {
            guard loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 == 0 else {
                return false
            }
            index += 8
        }
        return self[index...].allSatisfy { $0 < 0x80 }
    }
}
