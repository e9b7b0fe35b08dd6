/// A day without a time or zone, as SEARCH names it (RFC 3501 §6.4.4).
public struct CalendarDate: Hashable, Comparable, Sendable {
    /// Days since 1970-01-01 in the proleptic Gregorian calendar; may be negative.
    public let daysSince1970: Int

    public init(daysSince1970: Int) { self.daysSince1970 = daysSince1970 }

    /// Nil for a day that no calendar has; years 1 to 9999.
    public init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), day >= 1 else { return nil }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let length = month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
        guard day <= length else { return nil }
        // Years begin in March here, so that the leap day is the last of its year.
        let shifted = month <= 2 ? year - 1 : year
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        daysSince1970 = era * 146_097 + dayOfEra - 719_468
    }

    public static func < (left: CalendarDate, right: CalendarDate) -> Bool { left.daysSince1970 < right.daysSince1970 }

    /// Year, month and day; for years 1 to 9999.
    public var components: (year: Int, month: Int, day: Int) {
        let days = daysSince1970 + 719_468
        let era = (days >= 0 ? days : days - 146_096) / 146_097
        let dayOfEra = days - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9)
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    /// `date-month`
    static let months: [StaticString] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}

extension Parser {
    /// `date = date-text / DQUOTE date-text DQUOTE`
    mutating func date() throws(SyntaxError) -> CalendarDate {
        let isQuoted = take("\"")
        let start = position
        let day = try digits(1...2)
        guard let date = try monthAndYear(day: day) else { throw .expected("date", at: start) }
        if isQuoted { try require("\"") }
        return date
    }

    /// `"-" date-month "-" date-year`; nil for a day that does not exist.
    mutating func monthAndYear(day: Int) throws(SyntaxError) -> CalendarDate? {
        try require("-")
        var month: Int?
        for (index, name) in CalendarDate.months.enumerated() where month == nil && take(word: name) {
            month = index + 1
        }
        guard let month else { throw expected("date-month") }
        try require("-")
        return CalendarDate(year: try digits(4...4), month: month, day: day)
    }

    /// A number of so many digits, at most 9.
    mutating func digits(_ counts: ClosedRange<Int>) throws(SyntaxError) -> Int {
        let start = position
        let digits = run { $0.isDigit }
        guard counts.contains(digits.count), digits.count <= 9 else {
            throw .expected("\(counts.upperBound) digits", at: start)
        }
        return digits.reduce(0) { $0 * 10 + Int($1 &- UInt8(ascii: "0")) }
    }
}
