import Glibc
public import NIOCore

/// Text of any charset as UTF-8. Octets that mean nothing become U+FFFD.
public enum Charset {
    /// - Parameter name: as in a charset parameter, of any case; one that is unknown, or none, is guessed.
    public static func decode(_ octets: ByteBuffer, named name: String?) -> String {
        octets.withUnsafeReadableBytes { decode($0, named: name) }
    }

    public static func decode(_ octets: [UInt8], named name: String?) -> String {
        octets.withUnsafeBytes { decode($0, named: name) }
    }

    /// Whether text of this charset can be decoded; for SEARCH's BADCHARSET (RFC 9051 §6.4.4).
    public static func isKnown(_ name: String) -> Bool {
        if builtIn(name) != nil { return true }
        guard let converter = open(name) else { return false }
        iconv_close(converter)
        return true
    }

    private enum BuiltIn {
        case usASCII
        case utf8
        case latin1
    }

    static func decode(_ octets: UnsafeRawBufferPointer, named name: String?) -> String {
        let known = name.flatMap { builtIn($0) }
        if known == .utf8 { return String(decoding: octets, as: UTF8.self) }
        if known == .latin1 { return octets.isASCII ? String(decoding: octets, as: UTF8.self) : latin1(octets) }
        if let name, known == nil, let converter = open(name) {
            defer { iconv_close(converter) }
            return String(decoding: convert(octets, converter), as: UTF8.self)
        }
        return String(validating: octets, as: UTF8.self) ?? latin1(octets)
    }

    private static func builtIn(_ name: String) -> BuiltIn? {
        switch name.utf8.count <= nameOctetsMax ? name.lowercased() : "" {
        case "utf-8", "utf8": .utf8
        case "us-ascii", "ascii", "ansi_x3.4-1968": .usASCII
        case "iso-8859-1", "iso8859-1", "iso_8859-1", "latin1": .latin1
        default: nil
        }
    }

    private static let nameOctetsMax = 64

    /// The slash would open glibc's options, so that only the characters of registered names pass (RFC 2978 §2.3).
    private static func open(_ name: String) -> iconv_t? {
        guard (1...nameOctetsMax).contains(name.utf8.count),
            name.utf8.allSatisfy({ $0.isLetter || $0.isDigit || "-_.:+()".utf8.contains($0) })
        else { return nil }
        let converter = iconv_open("UTF-8", name)
        return Int(bitPattern: converter) == -1 ? nil : converter
    }

    private static func convert(_ octets: UnsafeRawBufferPointer, _ converter: iconv_t) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(octets.count)
        guard let start = octets.bindMemory(to: CChar.self).baseAddress else { return result }
        // iconv does not write through its source pointer.
        var source: UnsafeMutablePointer<CChar>? = UnsafeMutablePointer(mutating: start)
        var sourceLeft = octets.count
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { room in
            while sourceLeft > 0 {
                let before = sourceLeft
                var target = room.baseAddress
                var targetLeft = room.count
                let outcome = iconv(converter, &source, &sourceLeft, &target, &targetLeft)
                let failure = outcome == -1 ? errno : 0
                result.append(contentsOf: UnsafeRawBufferPointer(room)[0..<room.count - targetLeft])
                if failure == EILSEQ || failure == EINVAL || (failure != 0 && failure != E2BIG) {
                    result.append(contentsOf: [0xef, 0xbf, 0xbd])
                    source = source?.advanced(by: 1)
                    sourceLeft -= 1
                    if failure == EINVAL { break }
                } else if sourceLeft == before {
                    break
                }
            }
        }
        return result
    }

    /// ISO-8859-1, with the letters and signs of windows-1252 where the former has control characters: those who send
    /// such octets mean the latter.
    private static func latin1(_ octets: UnsafeRawBufferPointer) -> String {
        String(
            decoding: [UInt8](unsafeUninitializedCapacity: octets.count * 3) { target, count in
                func put(_ octet: UInt16) {
                    target[count] = UInt8(truncatingIfNeeded: octet)
                    count += 1
                }
                for octet in octets {
                    let scalar = octet & 0xe0 == 0x80 ? windows1252[Int(octet & 0x1f)] : UInt16(octet)
                    if scalar < 0x80 {
                        put(scalar)
                    } else if scalar < 0x800 {
                        put(0xc0 | scalar >> 6)
                        put(0x80 | scalar & 0x3f)
                    } else {
                        put(0xe0 | scalar >> 12)
                        put(0x80 | scalar >> 6 & 0x3f)
                        put(0x80 | scalar & 0x3f)
                    }
                }
            }, as: UTF8.self)
    }

    static let windows1252: [UInt16] = [
        0x20ac, 0x81, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8d,
        0x017d, 0x8f, 0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a,
        0x0153, 0x9d, 0x017e, 0x0178,
    ]
}

extension UnsafeRawBufferPointer {
    var isASCII: Bool { allSatisfy { $0 < 0x80 } }
}
