extension DateTime {
    /// A moment as a clock on the wall of its zone shows it.
    public struct Components: Hashable, Sendable {
        public var year: Int
        /// 1 to 12.
        public var month: Int
        public var day: Int
        public var hour: Int
        public var minute: Int
        public var second: Int
        /// 0 is Sunday.
        public var weekday: Int
    }

    /// Exact for the years 1 to 9999; moments outside are moved to their edge.
    public var components: Components {
        let earliest: Int64 = -62_135_596_800
        let latest: Int64 = 253_402_300_799
        let local = min(max(unixSeconds, earliest), latest) + Int64(min(max(zoneMinutes, -5999), 5999)) * 60
        let days = Int((min(max(local, earliest), latest) - earliest) / 86_400) - 719_162
        let second = Int(min(max(local, earliest), latest) - Int64(days) * 86_400)
        let date = Calendar.date(daysSince1970: days)
        return Components(
            year: date.year, month: date.month, day: date.day, hour: second / 3600, minute: second / 60 % 60,
            second: second % 60, weekday: (days % 7 + 11) % 7)
    }

    /// RFC 5322 §3.3: "Mon, 23 Nov 2026 21:02:54 +0000".
    public var rfc5322: String {
        let at = components
        return "\(Self.dayNames[at.weekday]), \(at.day) \(Self.monthNames[at.month - 1]) \(Self.padded(at.year, 4)) "
            + "\(Self.padded(at.hour, 2)):\(Self.padded(at.minute, 2)):\(Self.padded(at.second, 2)) \(zoneText)"
    }

    /// "+hhmm"
    public var zoneText: String {
        let minutes = abs(min(max(zoneMinutes, -5999), 5999))
        return (zoneMinutes < 0 ? "-" : "+") + Self.padded(minutes / 60, 2) + Self.padded(minutes % 60, 2)
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
