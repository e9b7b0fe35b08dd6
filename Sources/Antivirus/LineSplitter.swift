/// Makes lines for the log of what the scanner writes to its standard error. A stranger's message may cause them, so
/// they are bounded in length and number, and hold nothing that could steer a terminal.
struct LineSplitter {
    static let lineOctetsMax = 300
    /// What comes above it within a minute is dropped.
    static let linesMinuteMax = 60

    private var line: [UInt8] = []
    private var minuteStart = 0
    private var linesInMinute = 0

    /// The lines that octets complete; an overlong one is cut.
    ///
    /// - Parameter now: milliseconds on a clock that only goes forward.
    mutating func feed(_ octets: some Sequence<UInt8>, now: Int) -> [String] {
        if now - minuteStart >= 60_000 {
            minuteStart = now
            linesInMinute = 0
        }
        var lines: [String] = []
        for octet in octets {
            if octet == UInt8(ascii: "\n") {
                if !line.isEmpty, linesInMinute < Self.linesMinuteMax {
                    linesInMinute += 1
                    lines.append(String(decoding: line, as: UTF8.self))
                }
                line.removeAll(keepingCapacity: true)
            } else if line.count < Self.lineOctetsMax {
                line.append(octet >= 0x20 && octet < 0x7f ? octet : UInt8(ascii: "?"))
            }
        }
        return lines
    }
}
