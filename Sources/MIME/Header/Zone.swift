/// Zones as minutes east of UTC (RFC 5322 §3.3, §4.3).
enum Zone {
    /// "+hhmm", or "+hh:mm"; nil for anything else.
    static func offset(_ view: Octets, _ word: Range<Int>) -> Int? {
        let digits = view[word.dropFirst()].filter { $0 != UInt8(ascii: ":") }
        guard digits.count == 4 || digits.count == 2, digits.allSatisfy(\.isDigit) else { return nil }
        let values = digits.map { Int($0 &- 0x30) }
        guard values.count == 2 || values[2] < 6 else { return nil }
        let minutes = (values[0] * 10 + values[1]) * 60 + (values.count == 4 ? values[2] * 10 + values[3] : 0)
        return view[word.lowerBound] == UInt8(ascii: "-") ? -minutes : minutes
    }

    /// RFC 5322 §4.3: the North American zones; all others, the military ones included, are taken as UTC.
    static func named(_ view: Octets, _ word: Range<Int>) -> Int? {
        let hours: Int? =
            switch view.lowered(word) {
            case "ut", "utc", "gmt", "z": 0
            case "edt": -4
            case "est", "cdt": -5
            case "cst", "mdt": -6
            case "mst", "pdt": -7
            case "pst": -8
            case "am", "pm": nil
            default: 0
            }
        return hours.map { $0 * 60 }
    }
}

/// The proleptic Gregorian calendar.
enum Calendar {
    /// Days from 1970-01-01 to a date; years 1 to 9999.
    static func daysSince1970(year: Int, month: Int, day: Int) -> Int {
        // A year begins in March here, so that the leap day is its last.
        let year = month <= 2 ? year - 1 : year
        let era = year / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// The date of a day counted from 1970-01-01; not before the year 0.
    static func date(daysSince1970 days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = max(0, days + 719_468)
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}
