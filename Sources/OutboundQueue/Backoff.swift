/// When a recipient that could not be reached is tried again (RFC 5321 §4.5.4.1).
enum Backoff {
    /// The first tries come close together, since greylisting and restarts pass in minutes.
    private static let seconds: [Int64] = [120, 300, 900, 1_800, 3_600, 7_200, 14_400]

    /// - Parameters:
    ///   - attempts: that failed so far, this one included.
    ///   - jitter: 0 to 1, so that what failed together does not come back together.
    static func delaySeconds(attempts: Int, jitter: Double) -> Int64 {
        let base = seconds[min(max(attempts - 1, 0), seconds.count - 1)]
        return Int64(Double(base) * (0.8 + 0.4 * min(max(jitter, 0), 1)))
    }
}
