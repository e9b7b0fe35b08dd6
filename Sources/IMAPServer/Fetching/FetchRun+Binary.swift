import IMAP
import MIME
import MailCore
import MessageStore
import NIOCore

extension FetchRun {
    /// The octets of a part without its transfer encoding (RFC 3516 §4.2); nil where there is no such part.
    ///
    /// - Throws: `Refusal` with UNKNOWN-CTE for an encoding that nobody knows (§4.3).
    func binary(_ path: [UInt32], _ detail: MessageDetail, _ body: ByteBuffer?) async throws -> ByteBuffer? {
        guard let octets = try await octets(of: SectionSpec(path: path), detail, body) else { return nil }
        // The message itself has no encoding but its parts'.
        guard !path.isEmpty else { return octets }
        let mime = try await self.octets(of: SectionSpec(path: path, text: .mime), detail, body) ?? ByteBuffer()
        let header = Header(parsing: mime)
        // A message of one part has its encoding in its own header.
        let field = header.first("Content-Transfer-Encoding").map { header.value(of: $0) }
        guard let field, let encoding = TransferEncoding(parsing: field) else { return octets }
        if case .other = encoding { throw Refusal(.no(.unknownCTE, "The encoding of this part is not known")) }
        return encoding.decode(octets)
    }

    /// All octets of a section; nil where there is none.
    func octets(
        of section: SectionSpec, _ detail: MessageDetail, _ body: ByteBuffer?
    ) async throws -> ByteBuffer? {
        switch try await content(of: section, detail, body) {
        case .none: return nil
        case .octets(let octets): return octets
        case .stored(let prefix, let range):
            var octets = prefix
            octets.writeImmutableBuffer(try await part(detail, body, range))
            return octets
        }
    }
}
