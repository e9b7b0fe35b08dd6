/// Which of the things that were not synced are found after the power went.
enum Survival: CaseIterable, Sendable {
    case none
    /// As after `kill -9`.
    case all
    /// Each one or not, by chance.
    case some
    /// The first ones, and part of one more: a disk that keeps the order.
    case first
    /// Each block of 512 octets of each write or not, by chance.
    case torn512
    /// The same with 4,096.
    case torn4096

    func choose(from events: [DiskEvent], _ random: inout SeededRandom) -> [DiskEvent] {
        switch self {
        case .none: return []
        case .all: return events
        case .some: return events.filter { _ in random.isTrue() }
        case .first:
            let count = random.below(events.count + 1)
            guard count < events.count else { return events }
            return Array(events[..<count]) + Self.torn(events[count], 512, &random)
        case .torn512: return events.flatMap { Self.torn($0, 512, &random) }
        case .torn4096: return events.flatMap { Self.torn($0, 4_096, &random) }
        }
    }

    private static func torn(_ event: DiskEvent, _ block: Int, _ random: inout SeededRandom) -> [DiskEvent] {
        guard case .write(let file, let offset, let octets) = event else { return random.isTrue() ? [event] : [] }
        var parts: [DiskEvent] = []
        var start = 0
        while start < octets.count {
            // Blocks of the file, not of the write.
            let end = min(octets.count, ((offset + start) / block + 1) * block - offset)
            if random.isTrue() {
                parts.append(.write(file: file, offset: offset + start, octets: Array(octets[start..<end])))
            }
            start = end
        }
        return parts
    }
}
