import IMAP
import Logging
import NIOCore
import Transport

extension MailboxSession {
    /// RFC 2342.
    func namespace(_ responses: ResponseStream) async throws -> Engine.Answer {
        var output = ByteBuffer()
        output.writeNamespaces()
        try await send(output, responses)
        return .done(.ok)
    }

    /// RFC 2971.
    func id(_ fields: [IDField], _ responses: ResponseStream) async throws -> Engine.Answer {
        if !fields.isEmpty {
            let said = fields.prefix(8).map { "\($0.name)=\($0.value ?? "")" }.joined(separator: " ")
            log.debug("client", metadata: ["id": "\(said.prefix(256))"])
        }
        var output = ByteBuffer()
        output.writeID(
            [IDField("name", "Postino")] + (services.version.isEmpty ? [] : [IDField("version", services.version)]))
        try await send(output, responses)
        return .done(.ok)
    }
}
