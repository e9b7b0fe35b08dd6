/// Remembers which messages killed workers, so that none of them is tried for ever.
///
/// One death may be an accident (memory ran out, somebody killed it). After the second the message is not scanned again
/// while this process lives.
struct StopMemory {
    static let killsMax = 2
    /// Digests remembered; beyond it the oldest is forgotten.
    static let digestsMax = 10_000

    private var kills: [String: Int] = [:]
    private var order: [String] = []
    private var oldest = 0

    /// Is the message not to be tried again?
    func isGivenUp(_ digest: String?) -> Bool {
        guard let digest else { return false }
        return kills[digest, default: 0] >= Self.killsMax
    }

    /// Notes that a worker died; `times` 2 gives up at once.
    mutating func died(_ digest: String?, times: Int = 1) {
        guard let digest else { return }
        if kills[digest] == nil { remember(digest) }
        kills[digest, default: 0] += times
    }

    /// The message was scanned after all: the death was an accident.
    mutating func scanned(_ digest: String?) {
        guard let digest, kills[digest] != nil else { return }
        kills[digest] = 0
    }

    /// A ring: the newest takes the place of the oldest.
    private mutating func remember(_ digest: String) {
        if order.count < Self.digestsMax { return order.append(digest) }
        kills[order[oldest]] = nil
        order[oldest] = digest
        oldest = (oldest + 1) % order.count
    }

    var count: Int { kills.count }
}
