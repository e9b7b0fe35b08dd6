public import MailCore
public import NIOCore

/// What the queue needs from above for its notices: a way to a mailbox of ours, or back into the queue.
public protocol LocalDelivery: Sendable {
    /// Delivers a notice with the null reverse-path. On disk when it returns. A recipient that does not exist any more
    /// is no error: nobody is left to tell (RFC 5321 §6.1).
    ///
    /// - Parameter needs: of servers on its way, beside what its octets need.
    func deliverNotice(_ message: ByteBuffer, to recipient: EmailAddress, needs: MessageNeeds) async throws
}
