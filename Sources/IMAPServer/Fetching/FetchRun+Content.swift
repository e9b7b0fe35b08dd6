import IMAP
import MIME
import MailCore
import MessageStore
import NIOCore

/// Where the octets of a section are.
extension FetchRun {
    /// Octets of a section: they are here, or stand in the store.
    enum Section {
        case none
        case octets(ByteBuffer)
        /// The account's own lines, then this range of the shared body.
        case stored(prefix: ByteBuffer, Range<Int>)
    }

    func read(_ detail: MessageDetail, _ range: Range<Int>) async throws -> ByteBuffer {
        guard let body = detail.body else { throw StoreError.storage(operation: "fetch", detail: "a body is missing") }
        return range.isEmpty ? ByteBuffer() : try await store.octets(of: body, range: range)
    }

    /// Finds a section.
    func content(
        of section: SectionSpec, _ detail: MessageDetail, _ body: ByteBuffer?
    ) async throws -> Section {
        guard let plain = detail.plainHeaders else { return try await storedContent(of: section, detail, body) }
        return try await plainContent(of: section, detail, plain, body)
    }

    /// Only headers, and messages with too many parts to keep their places, are parsed for it.
    func storedContent(
        of section: SectionSpec, _ detail: MessageDetail, _ body: ByteBuffer?
    ) async throws -> Section {
        let all = detail.body?.octetCount ?? 0
        let header = min(detail.headerOctets, all)
        if section.path.isEmpty {
            switch section.text {
            case .whole: return .stored(prefix: detail.prefix, 0..<all)
            case .header: return .stored(prefix: detail.prefix, 0..<header)
            case .text: return .stored(prefix: ByteBuffer(), header..<all)
            case .mime: return .none
            case .headerFields(let names):
                if section.isInHeaderFields, let lines = detail.headerFields {
                    return .octets(Self.fields(detail.prefix, lines) { $0.lines(named: names) })
                }
                let octets = try await part(detail, body, 0..<header)
                return .octets(Self.fields(detail.prefix, octets) { $0.lines(named: names) })
            case .headerFieldsNot(let names):
                let octets = try await part(detail, body, 0..<header)
                return .octets(Self.fields(detail.prefix, octets) { $0.lines(notNamed: names) })
            }
        }
        let path = SectionPath(section)
        guard let parts = detail.parts else {
            let whole = try await part(detail, body, 0..<all)
            return MIME.Message(parsing: whole).octets(of: path).map { .octets($0) } ?? .none
        }
        switch section.text {
        case .whole, .header, .text, .mime:
            return parts.range(of: path).map { .stored(prefix: ByteBuffer(), $0) } ?? .none
        case .headerFields(let names): return try await fields(path, parts, detail, body) { $0.lines(named: names) }
        case .headerFieldsNot(let names):
            return try await fields(path, parts, detail, body) { $0.lines(notNamed: names) }
        }
    }

    /// Chosen fields of a message inside the message.
    private func fields(
        _ path: SectionPath, _ parts: PartTable, _ detail: MessageDetail, _ body: ByteBuffer?,
        _ choose: (Header) -> ByteBuffer
    ) async throws -> Section {
        guard let range = parts.range(of: SectionPath(parts: path.parts, text: .header)) else { return .none }
        return .octets(Self.fields(ByteBuffer(), try await part(detail, body, range), choose))
    }

    /// RFC 3501 §6.4.5: an empty line ends the chosen fields, always.
    static func fields(
        _ prefix: ByteBuffer, _ header: ByteBuffer, _ choose: (Header) -> ByteBuffer
    ) -> ByteBuffer {
        var result = prefix.readableBytes > 0 ? choose(Header(parsing: prefix)) : ByteBuffer()
        result.writeImmutableBuffer(choose(Header(parsing: header)))
        result.writeStaticString("\r\n")
        return result
    }

    func part(_ detail: MessageDetail, _ body: ByteBuffer?, _ range: Range<Int>) async throws -> ByteBuffer {
        guard let body else { return try await read(detail, range) }
        return body.getSlice(at: body.readerIndex + range.lowerBound, length: range.count) ?? ByteBuffer()
    }
}
