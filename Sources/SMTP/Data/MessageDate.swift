public import NIOCore

/// A moment as header fields write it (RFC 5322 §3.3), in UTC: "Mon, 23 Nov 2026 21:02:59 +0000".
public struct MessageDate: Equatable, Sendable, CustomStringConvertible {
    /// Seconds since 1970-01-01T00:00:00Z; what lies outside the years 1900 to 9999 is written as the nearest moment in
    /// them (RFC 5322 §3.3 wants a year from 1900 on).
    public let unixSeconds: Int64

    public init(unixSeconds: Int64) {
        self.unixSeconds = min(max(unixSeconds, -2_208_988_800), 253_402_300_799)
    }

    public var description: String {
        let days = Int(unixSeconds >= 0 ? unixSeconds / 86_400 : (unixSeconds - 86_399) / 86_400)
        let second = Int(unixSeconds) - days * 86_400
        // 1970-01-01 was a Thursday.
        let weekday = Self.weekdays[((days + 4) % 7 + 7) % 7]
        let (year, month, day) = Self.civil(days)
        let time = "\(Self.two(second / 3_600)):\(Self.two(second / 60 % 60)):\(Self.two(second % 60))"
        return "\(weekday), \(Self.two(day)) \(Self.months[month - 1]) \(year) \(time) +0000"
    }

    public func write(into output: inout ByteBuffer) { output.writeString(description) }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    /// The Gregorian date of a day counted from 1970-01-01; years are counted from March, so that the leap day is last.
    private static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}
