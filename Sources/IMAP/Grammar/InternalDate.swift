public import NIOCore

/// A `date-time` (RFC 3501 §2.3.3, §9): a moment, and the zone in which it is told.
public struct InternalDate: Hashable, Sendable {
    /// Seconds since 1970-01-01T00:00:00Z.
    public var secondsSince1970: Int64
    /// Minutes east of UTC: -5999 to 5999 ("-9959" to "+9959" can be written); real zones are within 14 hours.
    public var zoneMinutes: Int

    public init(secondsSince1970: Int64, zoneMinutes: Int = 0) {
        self.secondsSince1970 = secondsSince1970
        self.zoneMinutes = zoneMinutes
    }
}

extension Parser {
    /// Parses a `date-time`:
    ///
    ///     date-time      = DQUOTE date-day-fixed "-" date-month "-" date-year SP time SP zone DQUOTE
    ///     date-day-fixed = (SP DIGIT) / 2DIGIT
    ///     time           = 2DIGIT ":" 2DIGIT ":" 2DIGIT
    ///     zone           = ("+" / "-") 4DIGIT
    mutating func dateTime() throws(SyntaxError) -> InternalDate {
        try require("\"")
        let start = position
        let day = take(" ") ? try digits(1...1) : try digits(1...2)
        guard let date = try monthAndYear(day: day) else { throw .expected("date-time", at: start) }
        try space()
        let hour = try digits(2...2)
        try require(":")
        let minute = try digits(2...2)
        try require(":")
        let second = try digits(2...2)
        try space()
        let isWest = next == UInt8(ascii: "-")
        guard take("+") || take("-") else { throw expected("zone") }
        let zone = try digits(4...4)
        // RFC 3501 §9 has no leap second; RFC 5322 §3.3 does, and mail bears them: 60 is the next minute's first.
        guard hour < 24, minute < 60, second <= 60, zone % 100 < 60 else { throw .expected("date-time", at: start) }
        try require("\"")
        let zoneMinutes = (zone / 100 * 60 + zone % 100) * (isWest ? -1 : 1)
        let local = ((date.daysSince1970 * 24 + hour) * 60 + minute - zoneMinutes) * 60 + second
        return InternalDate(secondsSince1970: Int64(local), zoneMinutes: zoneMinutes)
    }
}

extension ByteBuffer {
    /// Writes a `date-time` with its quotes: `"17-Jul-1996 02:44:25 -0700"`.
    ///
    /// A year outside 1 to 9999, which cannot be written, is told as the nearest that can.
    public mutating func writeInternalDate(_ date: InternalDate) {
        let local = date.secondsSince1970.addingReportingOverflow(Int64(date.zoneMinutes) &* 60)
        let seconds = min(max(local.overflow ? 0 : local.partialValue, -62_135_596_800), 253_402_300_799)
        let days = Int((Double(seconds) / 86_400).rounded(.down))
        let ofDay = Int(seconds) - days * 86_400
        let (year, month, day) = CalendarDate(daysSince1970: days).components
        writeInteger(UInt8.doubleQuote)
        if day < 10 { writeInteger(UInt8.space) }
        writeDecimal(day)
        writeInteger(UInt8(ascii: "-"))
        writeStaticString(CalendarDate.months[(month - 1) % 12])
        writeInteger(UInt8(ascii: "-"))
        writeTwoDigits(year / 100)
        writeTwoDigits(year % 100)
        writeInteger(UInt8.space)
        writeTwoDigits(ofDay / 3600)
        writeInteger(UInt8(ascii: ":"))
        writeTwoDigits(ofDay / 60 % 60)
        writeInteger(UInt8(ascii: ":"))
        writeTwoDigits(ofDay % 60)
        writeStaticString(date.zoneMinutes < 0 ? " -" : " +")
        let zone = min(date.zoneMinutes.magnitude, 5_999)
        writeTwoDigits(Int(zone / 60))
        writeTwoDigits(Int(zone % 60))
        writeInteger(UInt8.doubleQuote)
    }

    private mutating func writeTwoDigits(_ value: Int) {
        writeInteger(UInt8(truncatingIfNeeded: value / 10 % 10) &+ UInt8(ascii: "0"))
        writeInteger(UInt8(truncatingIfNeeded: value % 10) &+ UInt8(ascii: "0"))
    }
}
