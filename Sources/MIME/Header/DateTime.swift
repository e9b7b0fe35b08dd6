public import NIOCore

/// A moment and the zone it was written in (RFC 5322 §3.3).
public struct DateTime: Hashable, Sendable {
    /// Seconds since 1970-01-01T00:00:00Z.
    public var unixSeconds: Int64
    /// East of UTC; -5999 to 5999.
    public var zoneMinutes: Int

    public init(unixSeconds: Int64, zoneMinutes: Int = 0) {
        self.unixSeconds = unixSeconds
        self.zoneMinutes = zoneMinutes
    }

    /// The written date as days since 1970-01-01, disregarding time and zone (RFC 9051 §6.4.4, SENTON).
    public var writtenDay: Int64 {
        let local = unixSeconds &+ Int64(zoneMinutes) &* 60
        return local >= 0 ? local / 86_400 : (local - 86_399) / 86_400
    }

    /// Reads the value of a Date field: RFC 5322 with the obsolete forms of §4.3, and in any order of its words that
    /// leaves no doubt ("Nov 23 21:02:54 2026"). Nil without day, month and year.
    public init?(parsing value: ByteBuffer) {
        guard let parsed = value.withOctets({ Self.parse($0, $0.all) }) else { return nil }
        self = parsed
    }

    /// Octets of a Date field that are looked at.
    private static let octetsMax = 256

    static func parse(_ view: Octets, _ range: Range<Int>) -> DateTime? {
        withoutComments(view, range).withUnsafeBytes { words in
            let view = Octets(words)
            var lexer = Lexer(view, view.all)
            var reading = Reading()
            for _ in 0..<16 {
                lexer.skipBlanks()
                while lexer.take(",") { lexer.skipBlanks() }
                let word = lexer.word(until: ",")
                if word.isEmpty { break }
                guard reading.take(view, word) else { return nil }
            }
            return reading.dateTime
        }
    }

    /// The words with one space between them and none around colons (RFC 5322 §4.3 allows `CFWS` there).
    private static func withoutComments(_ view: Octets, _ range: Range<Int>) -> [UInt8] {
        var lexer = Lexer(view, range.prefix(octetsMax))
        var result: [UInt8] = []
        result.reserveCapacity(min(range.count, octetsMax))
        while true {
            lexer.skipCFWS()
            let word = lexer.word(until: "(")
            if word.isEmpty { return result }
            let colon = UInt8(ascii: ":")
            if let last = result.last, last != colon, view[word.lowerBound] != colon { result.append(.space) }
            result.append(contentsOf: view[word])
        }
    }

    /// What was read so far.
    private struct Reading {
        var day: Int?
        var month: Int?
        var year: Int?
        var seconds: Int?
        var zone: Int?

        /// False when the word makes it no date.
        mutating func take(_ view: Octets, _ word: Range<Int>) -> Bool {
            let first = view[word.lowerBound]
            if view.firstIndex(of: UInt8(ascii: ":"), in: word) != nil, first.isDigit { return time(view, word) }
            if first == UInt8(ascii: "+") || first == UInt8(ascii: "-") {
                if zone == nil { zone = Zone.offset(view, word) }
                return true
            }
            if first.isDigit {
                // "23-Nov-2026"
                if let dash = view.firstIndex(of: UInt8(ascii: "-"), in: word) {
                    return take(view, word.lowerBound..<dash)
                        && (dash + 1 == word.upperBound || dashed(view, dash + 1..<word.upperBound))
                }
                return number(view, word)
            }
            if first.isLetter { name(view, word) }
            return true
        }

        private mutating func dashed(_ view: Octets, _ rest: Range<Int>) -> Bool {
            guard let dash = view.firstIndex(of: UInt8(ascii: "-"), in: rest) else { return take(view, rest) }
            name(view, rest.lowerBound..<dash)
            return number(view, dash + 1..<rest.upperBound)
        }

        private mutating func number(_ view: Octets, _ word: Range<Int>) -> Bool {
            guard let number = view.decimal(word) else { return false }
            if day == nil, word.count <= 2 {
                day = number
            } else if year == nil {
                // RFC 5322 §4.3
                year = word.count >= 4 ? number : number + (word.count == 2 && number < 50 ? 2000 : 1900)
            }
            return true
        }

        private mutating func name(_ view: Octets, _ word: Range<Int>) {
            if month == nil, word.count >= 3,
                let index = DateTime.monthNames.firstIndex(where: {
                    view.equals(word.lowerBound..<word.lowerBound + 3, ignoringCaseOf: $0)
                })
            {
                month = index + 1
            } else if seconds != nil, zone == nil {
                zone = Zone.named(view, word)
            }
        }

        /// hour ":" minute [":" second], perhaps with a zone or a fraction directly behind.
        private mutating func time(_ view: Octets, _ word: Range<Int>) -> Bool {
            guard seconds == nil else { return true }
            let clockEnd =
                word.first { view[$0] != UInt8(ascii: ":") && !view[$0].isDigit } ?? word.upperBound
            var fields: [Int] = []
            var start = word.lowerBound
            while start < clockEnd, fields.count < 3 {
                let end = view.firstIndex(of: UInt8(ascii: ":"), in: start..<clockEnd) ?? clockEnd
                guard let field = view.decimal(start..<end) else { return false }
                fields.append(field)
                start = end + 1
            }
            guard fields.count >= 2, fields[0] <= 23, fields[1] <= 59 else { return false }
            let second = fields.count > 2 ? fields[2] : 0
            guard second <= 60 else { return false }
            seconds = fields[0] * 3600 + fields[1] * 60 + second
            let rest = clockEnd..<word.upperBound
            if let octet = rest.isEmpty ? nil : view[clockEnd] {
                if octet == UInt8(ascii: "+") || octet == UInt8(ascii: "-") { zone = Zone.offset(view, rest) }
                if octet.isLetter { zone = Zone.named(view, rest) }
            }
            return true
        }

        var dateTime: DateTime? {
            guard let day, let month, let year, (1...9999).contains(year) else { return nil }
            guard (1...DateTime.days(ofMonth: month, year: year)).contains(day) else { return nil }
            let zone = zone ?? 0
            let days = Calendar.daysSince1970(year: year, month: month, day: day)
            return DateTime(
                unixSeconds: Int64(days) * 86_400 + Int64(seconds ?? 0) - Int64(zone) * 60, zoneMinutes: zone)
        }
    }

    static let monthNames = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    static let dayNames = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]

    static func days(ofMonth month: Int, year: Int) -> Int {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        default: 31
        }
    }
}

extension Octets {
    /// A number of at most nine digits.
    func decimal(_ range: Range<Int>) -> Int? {
        guard (1...9).contains(range.count) else { return nil }
        var number = 0
        for octet in self[range] {
            guard octet.isDigit else { return nil }
            number = number * 10 + Int(octet &- 0x30)
        }
        return number
    }
}
