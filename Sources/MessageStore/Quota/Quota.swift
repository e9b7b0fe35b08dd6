/// What an account or a domain may hold; 0 is no limit.
public struct Quota: Equatable, Sendable {
    public var octetsMax: Int64
    public var messagesMax: Int64

    public init(octetsMax: Int64, messagesMax: Int64) {
        self.octetsMax = octetsMax
        self.messagesMax = messagesMax
    }

    public static let none = Quota(octetsMax: 0, messagesMax: 0)

    /// How much of the nearer limit is used, in percent; 0 without a limit.
    public func percentUsed(_ usage: Usage) -> Int {
        func percent(_ used: Int64, of limit: Int64) -> Int {
            limit > 0 ? Int(min(1_000, max(0, Double(used) * 100 / Double(limit)))) : 0
        }
        return max(percent(usage.octets, of: octetsMax), percent(usage.messages, of: messagesMax))
    }

    /// - Parameter usage: with what is to be added.
    func check(_ usage: Usage, addedOctets: Int64) throws(StoreError) {
        if octetsMax > 0, usage.octets > octetsMax {
            throw .overQuota(usedOctets: usage.octets - addedOctets, limitOctets: octetsMax)
        }
        if messagesMax > 0, usage.messages > messagesMax {
            throw .overQuota(usedOctets: usage.octets - addedOctets, limitOctets: octetsMax)
        }
    }
}

/// What an account or a domain holds.
public struct Usage: Equatable, Sendable {
    public var octets: Int64
    public var messages: Int64

    public init(octets: Int64, messages: Int64) {
        self.octets = octets
        self.messages = messages
    }
}

/// What is held and what may be.
public struct QuotaState: Equatable, Sendable {
    public var usage: Usage
    public var quota: Quota
    /// Octets of expunged messages that can be brought back; they are not in `usage`.
    public var keptOctets: Int64
}
