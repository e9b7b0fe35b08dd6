import ArgumentParser
import Glibc

/// A time as people write it: "2026-11-25", "2026-11-25T10:30", both in the machine's zone, "…Z" in UTC; or so long ago:
/// "3d", "12h", "30m".
struct PointInTime: ExpressibleByArgument {
    /// Since 1970-01-01T00:00:00Z.
    var seconds: Int64

    init?(argument: String) {
        if let unit = argument.last, let count = Int64(argument.dropLast()), (0...1_000_000).contains(count),
            let length = ["m": 60, "h": 3_600, "d": 86_400][String(unit)] as Int64?
        {
            seconds = Int64(time(nil)) - count * length
            return
        }
        let isUTC = argument.hasSuffix("Z")
        let text = isUTC ? String(argument.dropLast()) : argument
        let halves = text.split(separator: "T", omittingEmptySubsequences: false)
        guard halves.count <= 2, let day = Self.numbers(halves[0], separator: "-", counts: 3...3),
            let clock = halves.count == 1 ? [0, 0] : Self.numbers(halves[1], separator: ":", counts: 2...3),
            (1_970...9_999).contains(day[0]), (1...12).contains(day[1]), (1...31).contains(day[2]),
            (0...23).contains(clock[0]), (0...59).contains(clock[1])
        else { return nil }
        var parts = tm()
        parts.tm_year = day[0] - 1_900
        parts.tm_mon = day[1] - 1
        parts.tm_mday = day[2]
        parts.tm_hour = clock[0]
        parts.tm_min = clock[1]
        parts.tm_sec = clock.count > 2 ? min(clock[2], 60) : 0
        parts.tm_isdst = -1
        seconds = Int64(isUTC ? timegm(&parts) : mktime(&parts))
    }

    private static func numbers(
        _ text: Substring, separator: Character, counts: ClosedRange<Int>
    ) -> [Int32]? {
        let parts = text.split(separator: separator, omittingEmptySubsequences: false)
        guard counts.contains(parts.count), parts.allSatisfy({ $0.allSatisfy(\.isNumber) && $0.count <= 4 }) else {
            return nil
        }
        let numbers = parts.compactMap { Int32($0) }
        return numbers.count == parts.count ? numbers : nil
    }
}
