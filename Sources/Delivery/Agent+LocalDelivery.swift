import Directory
public import MailCore
public import MessageStore
public import OutboundQueue

extension Agent: LocalDelivery {
    /// A notice of the queue to a sender of ours or of elsewhere; always from the null reverse-path (RFC 5321 §4.5.5).
    public func deliverNotice(_ message: StagedMessage, to recipient: EmailAddress) async throws {
        let destinations = try await destinations(of: [recipient])
        guard !destinations.isEmpty else { return }
        try await deliver(message, from: .null, to: destinations, isEightBit: false)
    }
}
