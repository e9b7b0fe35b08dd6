import MIME
import NIOCore
import Testing

@Suite struct DateTimeTests {
    static let cases: [(String, Int64?, Int)] = [
        ("Mon, 23 Nov 2026 21:02:54 +0000", 1_795_467_774, 0),
        ("Mon, 23 Nov 2026 21:02:54 +0100", 1_795_464_174, 60),
        ("23 Nov 2026 21:02 -0530", 1_795_487_520, -330),
        ("Thu, 1 Jan 1970 00:00:00 +0000", 0, 0),
        ("Fri, 21 Nov 97 09:55:06 -0600", 880_127_706, -360),  // RFC 5322 §4.3
        ("21 Nov 49 00:00:00 +0000", 2_521_065_600, 0),
        ("21 Nov 102 00:00:00 +0000", 1_037_836_800, 0),
        ("Fri, 21 Nov 1997 09(comment):   55  :  06 -0600", 880_127_706, -360),  // RFC 5322 A.6.3
        ("Fri, 21 Nov 1997 09:55:06 EST", 880_124_106, -300),
        ("Fri, 21 Nov 1997 09:55:06 PDT", 880_131_306, -420),
        ("Fri, 21 Nov 1997 09:55:06 GMT", 880_106_106, 0),
        ("Fri, 21 Nov 1997 09:55:06 A", 880_106_106, 0),
        ("Fri, 21 Nov 1997 09:55:06 -0600 (CST)", 880_127_706, -360),
        ("Fri, 21 Nov 1997 09:55:06", 880_106_106, 0),
        ("Fri,21 Nov 1997 09:55:06+0100", 880_102_506, 60),
        ("Nov 21 09:55:06 1997", 880_106_106, 0),
        ("21-Nov-1997 09:55:06 +0000", 880_106_106, 0),
        ("21 November 1997", 880_070_400, 0),
        ("Sat, 29 Feb 2020 23:59:60 +0000", 1_583_020_800, 0),
        ("29 Feb 2021 00:00:00 +0000", nil, 0),
        ("32 Jan 2021 00:00:00 +0000", nil, 0),
        ("1 Jan 2021 24:00:00 +0000", nil, 0),
        ("1 Jan 2021 00:60:00 +0000", nil, 0),
        ("1 Foo 2021 00:00:00 +0000", nil, 0),
        ("1 Jan 99999999999999999999 00:00:00 +0000", nil, 0),
        ("1 Jan 2021 99999999999999999999:00:00 +0000", nil, 0),
        ("1 Jan 2021 00:00:00 +9999", 1_609_459_200, 0),
        ("1 Jan 2021 00:00:00 +99999999999", 1_609_459_200, 0),
        ("", nil, 0),
        ("yesterday", nil, 0),
    ]

    @Test("RFC 5322 §3.3, §4.3: date-time with its obsolete forms", arguments: cases)
    func reads(_ input: String, _ seconds: Int64?, _ zone: Int) {
        let date = DateTime(parsing: ByteBuffer(string: input))
        #expect(date?.unixSeconds == seconds)
        if seconds != nil { #expect(date?.zoneMinutes == zone) }
    }

    @Test(
        "RFC 5322 §3.3: written as it is read",
        arguments: [
            (1_795_467_774, 0, "Mon, 23 Nov 2026 21:02:54 +0000"),
            (1_795_464_174, 60, "Mon, 23 Nov 2026 21:02:54 +0100"),
            (0, -330, "Wed, 31 Dec 1969 18:30:00 -0530"),
            (951_782_400, 0, "Tue, 29 Feb 2000 00:00:00 +0000"),
            (-2_208_988_800, 0, "Mon, 1 Jan 1900 00:00:00 +0000"),
            (Int64.max, 0, "Fri, 31 Dec 9999 23:59:59 +0000"),
            (Int64.min, 0, "Mon, 1 Jan 0001 00:00:00 +0000"),
        ] as [(Int64, Int, String)])
    func writes(_ seconds: Int64, _ zone: Int, _ expected: String) {
        let date = DateTime(unixSeconds: seconds, zoneMinutes: zone)
        #expect(date.rfc5322 == expected)
        if seconds.magnitude < 1 << 40 { #expect(DateTime(parsing: ByteBuffer(string: expected)) == date) }
    }

    @Test("RFC 9051 §6.4.4: SENTON looks at the written day, whatever the zone")
    func tellsWrittenDay() {
        #expect(DateTime(parsing: ByteBuffer(string: "2 Jan 1970 00:30:00 +0100"))?.writtenDay == 1)
        #expect(DateTime(parsing: ByteBuffer(string: "1 Jan 1970 23:30:00 -0100"))?.writtenDay == 0)
        #expect(DateTime(parsing: ByteBuffer(string: "31 Dec 1969 23:30:00 +0000"))?.writtenDay == -1)
    }
}
