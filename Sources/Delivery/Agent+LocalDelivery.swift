import Logging
import MIME
public import MailCore
import MessageStore
public import NIOCore
import Observation
public import OutboundQueue

extension Agent: LocalDelivery {
    private static let log = Log.logger("delivery")

    /// A notice of the queue to a sender of ours or of elsewhere; always from the null reverse-path (RFC 5321 §4.5.5).
    public func deliverNotice(_ message: ByteBuffer, to recipient: EmailAddress) async throws {
        let destinations = try await destinations(of: [recipient])
        guard !destinations.isEmpty else {
            Self.log.warning("a notice has nobody to go to", metadata: ["recipient": "\(recipient)"])
            return
        }
        let staged = try await stage(message)
        var needs: MessageNeeds = message.readableBytesView.contains { $0 >= 0x80 } ? .eightBit : []
        // RFC 8689 §5.
        if staged.message.header.text("TLS-Required")?.lowercased() == "no" { needs.insert(.ignoresTLSPolicy) }
        try await deliver(staged, from: .null, to: destinations, request: MessageRequest(needs: needs))
    }
}
