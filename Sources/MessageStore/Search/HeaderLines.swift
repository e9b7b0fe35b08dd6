internal import CSys
internal import Glibc

/// Lines of header fields as `HeaderFields` keeps them, read without making a header of them.
enum HeaderLines {
    /// Whether the value of a field of that name satisfies; the same as with `MIME.Header`, in a tenth of the time.
    ///
    /// - Parameters:
    ///   - name: lower case.
    ///   - isWanted: is handed the value as it stands, with the line endings in it but for the last.
    static func contain(
        _ name: [UInt8], in lines: UnsafeRawBufferPointer, where isWanted: (UnsafeRawBufferPointer) -> Bool
    ) -> Bool {
        var position = 0
        while position < lines.count {
            let start = position
            let end = fieldEnd(lines, &position)
            guard end > start else { return false }
            let field = UnsafeRawBufferPointer(rebasing: lines[start..<end])
            if let value = value(of: field, name), isWanted(value) { return true }
        }
        return false
    }

    /// The end of the field that begins at `position`, without its last line ending; `position` moves behind that.
    private static func fieldEnd(_ lines: UnsafeRawBufferPointer, _ position: inout Int) -> Int {
        let start = position
        var end = lines.count
        repeat {
            let line = UnsafeRawBufferPointer(rebasing: lines[position...])
            guard let feed = line.firstOffset(of: 0x0a) else {
                position = lines.count
                return lines.count
            }
            end = position + feed
            if feed > 0, lines[end - 1] == 0x0d { end -= 1 }
            position += feed + 1
            // An empty line ends the header, whatever comes.
            if end == start { return end }
            // RFC 5322 §2.2.3: a line that begins with a blank goes on with the field.
        } while position < lines.count && (lines[position] == 0x20 || lines[position] == 0x09)
        return end
    }

    private static func value(of field: UnsafeRawBufferPointer, _ name: [UInt8]) -> UnsafeRawBufferPointer? {
        guard field.count > name.count else { return nil }
        for index in name.indices where CaseFolding.lowered(field[index]) != name[index] { return nil }
        var colon = name.count
        // RFC 5322 §4.5.8 allows blanks in front of the colon.
        while colon < field.count, field[colon] == 0x20 || field[colon] == 0x09 { colon += 1 }
        guard colon < field.count, field[colon] == UInt8(ascii: ":") else { return nil }
        return UnsafeRawBufferPointer(rebasing: field[(colon + 1)...])
    }
}

extension UnsafeRawBufferPointer {
    func firstOffset(of octet: UInt8) -> Int? {
        guard let base = baseAddress, let found = memchr(base, Int32(octet), count) else { return nil }
        return UnsafeRawPointer(found) - base
    }

    func firstOffset(of octets: [UInt8], from start: Int) -> Int? {
        guard let base = baseAddress, start < count else { return nil }
        guard let found = csys_memmem(base + start, count - start, octets, octets.count) else { return nil }
        return found - base
    }
}
