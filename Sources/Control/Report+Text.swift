import Glibc

extension Report {
    /// For people: aligned columns under a heading, or one line a field.
    public var text: String {
        switch shape {
        case .table: tableText
        case .record: recordText
        }
    }

    private var tableText: String {
        guard !rows.isEmpty else { return "" }
        let cells = rows.map { row in columns.indices.map { shown(row, $0) } }
        let widths = columns.indices.map { index in
            max(columns[index].title.count, cells.reduce(0) { max($0, $1[index].count) })
        }
        var text = ""
        func append(_ line: [String]) {
            var padded = ""
            for (index, cell) in line.enumerated() {
                let padding = String(repeating: " ", count: max(0, widths[index] - cell.count))
                switch columns[index].kind {
                case .integer, .octets: padded += padding + cell
                case .text, .boolean, .time: padded += cell + padding
                }
                padded += "  "
            }
            while padded.utf8.last == UInt8(ascii: " ") { padded.removeLast() }
            text += padded + "\n"
        }
        append(columns.map(\.title))
        cells.forEach(append)
        return text
    }

    private var recordText: String {
        let width = columns.reduce(0) { max($0, $1.title.count) }
        var text = ""
        for row in rows {
            for index in columns.indices {
                let title = columns[index].title
                text += title + ":" + String(repeating: " ", count: width - title.count + 1) + shown(row, index) + "\n"
            }
        }
        return text
    }

    private func shown(_ row: [String?], _ index: Int) -> String {
        guard index < row.count, let value = row[index] else { return "-" }
        switch columns[index].kind {
        case .text: return Self.printable(value)
        case .integer: return value
        case .boolean: return value == "true" ? "yes" : "no"
        case .octets: return Int64(value).map(Self.octets) ?? value
        case .time: return Int64(value).map(Self.timestamp) ?? value
        }
    }

    /// Control characters shown as "?", since strangers write what queue and trace show on a terminal.
    private static func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        var shown = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { shown.append(isControl(scalar) ? "?" : scalar) }
        return String(shown)
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value) || (0x200e...0x200f).contains(scalar.value)
            || (0x202a...0x202e).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
    }

    /// With one decimal and a binary unit: "1.5 MiB".
    static func octets(_ count: Int64) -> String {
        var unit: Int64 = 1
        for name in ["B", "KiB", "MiB", "GiB"] {
            if count < unit << 10 {
                return unit == 1 ? "\(count) B" : "\(count / unit).\(count % unit * 10 / unit) \(name)"
            }
            unit <<= 10
        }
        return "\(count / unit).\(count % unit * 10 / unit) TiB"
    }

    /// UTC, RFC 3339.
    static func timestamp(_ seconds: Int64) -> String {
        var time = time_t(seconds)
        var parts = tm()
        guard gmtime_r(&time, &parts) != nil else { return "\(seconds)" }
        func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let date = "\(Int(parts.tm_year) + 1_900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
        return "\(date)T\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))Z"
    }
}
