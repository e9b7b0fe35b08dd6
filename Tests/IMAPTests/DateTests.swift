import NIOCore
import Testing

@testable import IMAP

@Suite struct DateTests {
    @Test(
        "RFC 3501 §9: date-time, both ways",
        arguments: [
            ("\"17-Jul-1996 02:44:25 -0700\"", 837_596_665, -420),
            ("\" 1-Jan-1970 00:00:00 +0000\"", 0, 0),
            ("\"31-Dec-1969 23:59:59 +0000\"", -1, 0),
            ("\"29-Feb-2024 12:00:00 +0530\"", 1_709_188_200, 330),
            ("\"31-Dec-9999 23:59:59 +0000\"", 253_402_300_799, 0),
            ("\" 1-Jan-0001 00:00:00 +0000\"", -62_135_596_800, 0),
        ] as [(String, Int64, Int)])
    func dateTimes(_ text: String, _ seconds: Int64, _ zone: Int) throws {
        var parser = Parser(ByteBuffer(string: text))
        let date = InternalDate(secondsSince1970: seconds, zoneMinutes: zone)
        #expect(try parser.dateTime() == date)
        var output = ByteBuffer()
        output.writeInternalDate(date)
        #expect(String(buffer: output) == text)
    }

    @Test(
        "what no clock shows",
        arguments: [
            "\"32-Jan-2020 00:00:00 +0000\"", "\"29-Feb-2023 00:00:00 +0000\"", "\"01-Foo-2020 00:00:00 +0000\"",
            "\"01-Jan-2020 24:00:00 +0000\"", "\"01-Jan-2020 00:60:00 +0000\"", "\"01-Jan-2020 00:00:61 +0000\"",
            "\"01-Jan-2020 00:00:00 +0060\"", "\"01-Jan-2020 00:00:00 0000\"", "\"01-Jan-2020 00:00:00 +000\"",
            "\"01-Jan-0000 00:00:00 +0000\"", "\"001-Jan-2020 00:00:00 +0000\"", "\"01-Jan-2020 00:00:00 +0000",
        ])
    func refuses(_ text: String) {
        var parser = Parser(ByteBuffer(string: text))
        #expect(throws: SyntaxError.self) { try parser.dateTime() }
    }

    @Test("days of the calendar go there and back, over 10,000 years")
    func calendar() throws {
        for days in stride(from: -719_162, through: 2_932_896, by: 37) {
            let parts = CalendarDate(daysSince1970: days).components
            #expect(CalendarDate(year: parts.year, month: parts.month, day: parts.day)?.daysSince1970 == days)
        }
        #expect(CalendarDate(year: 1970, month: 1, day: 1)?.daysSince1970 == 0)
        #expect(CalendarDate(year: 2000, month: 3, day: 1)?.daysSince1970 == 11_017)
    }

    @Test("moments that cannot be written are told as the nearest that can")
    func extremes() {
        for seconds in [Int64.min, .max] {
            var output = ByteBuffer()
            output.writeInternalDate(InternalDate(secondsSince1970: seconds, zoneMinutes: 100_000))
            #expect(output.readableBytes == 28)
        }
    }
}
