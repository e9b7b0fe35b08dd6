/// What a queued message needs to be sent on as it came, in the form that the store keeps (`queue_message.options`).
public struct QueueOptions: Equatable, Sendable {
    /// An octet above 127 stands in it: the next hop must know 8BITMIME (RFC 6152).
    public var isEightBit: Bool

    public init(isEightBit: Bool = false) { self.isEightBit = isEightBit }

    /// Reads what `text` wrote; what it does not know it leaves out.
    public init(text: String) {
        isEightBit = text.split(separator: " ").contains("8bit")
    }

    public var text: String { isEightBit ? "8bit" : "" }
}
