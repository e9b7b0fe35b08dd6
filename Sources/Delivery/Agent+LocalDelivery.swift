import Logging
public import MailCore
public import NIOCore
import Observation
public import OutboundQueue

extension Agent: LocalDelivery {
    private static let log = Log.logger("delivery")

    /// A notice of the queue to a sender of ours or of elsewhere; always from the null reverse-path (RFC 5321 §4.5.5).
    public func deliverNotice(_ message: ByteBuffer, to recipient: EmailAddress, needs: MessageNeeds) async throws {
        let destinations = try await destinations(of: [recipient])
        guard !destinations.isEmpty else {
            Self.log.warning("a notice has nobody to go to", metadata: ["recipient": "\(recipient)"])
            return
        }
        var needs = needs
        if message.readableBytesView.contains(where: { $0 >= 0x80 }) { needs.insert(.eightBit) }
        try await deliver(
            try await stage(message), from: .null, to: destinations, request: MessageRequest(needs: needs))
    }
}
