/// Makes lines for the log of what the scanner writes to its standard error. A stranger's message may cause them, so
/// they are bounded in length and number, and hold nothing that could steer a terminal.
struct LineSplitter {
    static let lineOctetsMax = 300
    static let linesAtOnceMax = 20

    private var line: [UInt8] = []

    /// The lines that octets complete; an overlong one is cut, of too many only the first are given.
    mutating func feed(_ octets: some Sequence<UInt8>) -> [String] {
        var lines: [String] = []
        for octet in octets {
            if octet == UInt8(ascii: "\n") {
                if !line.isEmpty, lines.count < Self.linesAtOnceMax { lines.append(String(decoding: line, as: UTF8.self)) }
                line.removeAll(keepingCapacity: true)
            } else if line.count < Self.lineOctetsMax {
                line.append(octet >= 0x20 && octet < 0x7f ? octet : UInt8(ascii: "?"))
            }
        }
        return lines
    }
}
