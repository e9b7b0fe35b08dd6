import Delivery
import MIME
import MailCore
import MessageStore
import SMTP

extension MailSession {
    /// A binary message as IMAP clients can read it.
    ///
    /// A mailbox is read through literals, which have no NUL (RFC 3501 §9, CHAR8), and by clients that know no BINARY
    /// (RFC 3516) and expect lines: what is binary in it is encoded in base64 before it is stored (RFC 3030 §3 lets who
    /// delivers convert). Its signatures were looked at before; what goes on elsewhere goes in this form, too.
    ///
    /// - Returns: nil when it cannot be converted; RFC 3030 §3 has it refused then.
    func readable(
        _ message: StagedMessage, _ envelope: inout Envelope, _ destinations: Destinations
    ) async throws(StoreError) -> StagedMessage? {
        guard envelope.parameters.body == .binaryMIME, !destinations.local.isEmpty else { return message }
        let converted = try await services.store.restage(message) { (message) throws(Conversion.Failure) in
            try Conversion.convert(message, to: .eightBit)
        }
        guard case .success(let stored) = converted else { return nil }
        envelope.parameters.body = .eightBitMIME
        return stored
    }
}
