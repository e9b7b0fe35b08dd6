public import MailCore
import Synchronization

/// What strangers may do in an hour, and what a client is remembered by. 0 is no limit.
public struct ClientLimits: Equatable, Sendable {
    public var messagesPerAddress = 0
    public var recipientsPerAddress = 0
    /// A network is 256 IPv4 addresses, or what one customer gets of IPv6 (a /48; an address is a /64 there).
    public var messagesPerNetwork = 0
    /// All strangers together.
    public var messages = 0
    /// Recipients that do not exist; one more, and the address is sent away for the rest of the hour.
    public var guessesPerAddress = 0
    /// So long the greeting waits for a stranger that was never seen.
    public var greetingDelaySeconds = 0

    public init() {}
}

/// Counts what clients do, by address and by network, in memory: a restart forgets it.
///
/// An hour slides: what was done in the hour before counts by the part of it that is not yet 60 minutes ago.
public final class Clients: Sendable {
    /// Addresses and networks that are remembered; when so many were met, all are forgotten. A few megabytes.
    static let rememberedMax = 65_536
    static let delaySecondsMax = 20

    enum Act: Int, CaseIterable { case message, recipient, guess }

    private struct Count {
        var hour: Int64 = 0
        var current = [0, 0, 0]
        var previous = [0, 0, 0]
        var hasPassed = false

        /// - Returns: how often the act was done within an hour, this time included when `adding`.
        mutating func count(_ act: Act, adding: Int, at seconds: Int64) -> Int {
            let now = seconds / 3_600
            if now != hour {
                previous = now == hour + 1 ? current : [0, 0, 0]
                current = [0, 0, 0]
                hour = now
            }
            current[act.rawValue] += adding
            let left = 3_600 - Int(seconds % 3_600)
            return current[act.rawValue] + previous[act.rawValue] * left / 3_600
        }
    }

    /// The first octets of an address: all of an IPv4 address or three, eight of an IPv6 address or six.
    private typealias Place = [UInt8]

    private struct State {
        var counts: [Place: Count] = [:]
        var all = Count()
    }

    public let limits: ClientLimits
    private let now: @Sendable () -> Int64
    private let state = Mutex(State())

    /// - Parameter now: seconds since 1970-01-01T00:00:00Z.
    public init(_ limits: ClientLimits, now: @escaping @Sendable () -> Int64) {
        self.limits = limits
        self.now = now
    }

    /// How long the greeting waits for this address: not at all once it has sent a message.
    public func greetingDelaySeconds(_ address: IPAddress) -> Int {
        guard limits.greetingDelaySeconds > 0 else { return 0 }
        return state.withLock { $0.counts[Self.place(address)]?.hasPassed == true } ? 0 : limits.greetingDelaySeconds
    }

    /// It sent a message that was taken.
    func passed(_ address: IPAddress) {
        guard limits.greetingDelaySeconds > 0 else { return }
        change(Self.place(address)) { $0.hasPassed = true }
    }

    /// Counts the beginning of a message.
    ///
    /// - Returns: whether it may go on.
    func mayBegin(_ address: IPAddress) -> Bool {
        let time = now()
        let ofAddress = change(Self.place(address)) { $0.count(.message, adding: 1, at: time) }
        let ofNetwork = change(Self.network(address)) { $0.count(.message, adding: 1, at: time) }
        let ofAll = state.withLock { $0.all.count(.message, adding: 1, at: time) }
        return Self.isWithin(ofAddress, limits.messagesPerAddress)
            && Self.isWithin(ofNetwork, limits.messagesPerNetwork) && Self.isWithin(ofAll, limits.messages)
    }

    /// Counts a recipient.
    ///
    /// - Returns: whether it may be named.
    func mayName(_ address: IPAddress) -> Bool {
        let time = now()
        let count = change(Self.place(address)) { $0.count(.recipient, adding: 1, at: time) }
        return Self.isWithin(count, limits.recipientsPerAddress)
    }

    /// Counts a recipient that does not exist.
    ///
    /// - Returns: how long its refusal is to wait: nothing for the first three of an hour, then twice as long each time, up
    ///   to 20 s.
    func guessed(_ address: IPAddress) -> Int {
        let time = now()
        let count = change(Self.place(address)) { $0.count(.guess, adding: 1, at: time) }
        return count <= 3 ? 0 : min(1 << min(count - 4, 10), Self.delaySecondsMax)
    }

    /// Did it name so many recipients that do not exist that it is to be sent away?
    func isGuessing(_ address: IPAddress) -> Bool {
        let time = now()
        guard limits.guessesPerAddress > 0 else { return false }
        return state.withLock { state in
            guard var count = state.counts[Self.place(address)] else { return false }
            return count.count(.guess, adding: 0, at: time) > limits.guessesPerAddress
        }
    }

    private static func isWithin(_ count: Int, _ max: Int) -> Bool { max == 0 || count <= max }

    private func change<Outcome>(_ place: Place, _ body: (inout Count) -> Outcome) -> Outcome {
        state.withLock { state in
            if state.counts.count >= Self.rememberedMax, state.counts[place] == nil { state.counts = [:] }
            return body(&state.counts[place, default: Count()])
        }
    }

    /// IPv6 hosts have a /64 to choose their address from.
    private static func place(_ address: IPAddress) -> Place { Array(address.octets.prefix(address.isIPv4 ? 4 : 8)) }

    private static func network(_ address: IPAddress) -> Place { Array(address.octets.prefix(address.isIPv4 ? 3 : 6)) }
}
