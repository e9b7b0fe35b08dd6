/// How many messages a destination got in this minute, for routes that allow only so many.
struct Pace: Sendable {
    private var minuteAt: Int64 = 0
    private var count = 0

    /// Whether one more may go; counts it.
    mutating func passes(perMinuteMax: Int, now: Int64) -> Bool {
        if now >= minuteAt + 60 || now < minuteAt { (minuteAt, count) = (now, 0) }
        guard count < perMinuteMax else { return false }
        count += 1
        return true
    }

    /// When the next may go that did not pass.
    var nextAt: Int64 { minuteAt + 60 }
}

extension Runner {
    /// Destinations whose pace is remembered.
    private static let pacesMax = 10_000

    func passes(_ destination: Destination) -> Bool {
        guard let most = limits(of: destination).perMinuteMax else { return true }
        if paces.count >= Self.pacesMax { paces = paces.filter { $0.value.nextAt > now() } }
        return paces[destination, default: Pace()].passes(perMinuteMax: most, now: now())
    }
}
