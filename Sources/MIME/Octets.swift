import Glibc
import NIOCore

/// A view of octets for the scanners of this module; valid only inside the closure that lends it.
///
/// A position outside reads as NUL, so that no mistake of a scanner can trap on a stranger's mail or read foreign memory.
struct Octets {
    let base: UnsafePointer<UInt8>?
    let count: Int

    init(_ pointer: UnsafeRawBufferPointer) {
        base = pointer.baseAddress?.assumingMemoryBound(to: UInt8.self)
        count = pointer.count
    }

    var all: Range<Int> { 0..<count }

    @inline(__always)
    subscript(_ position: Int) -> UInt8 {
        guard let base, position >= 0, position < count else { return 0 }
        return base[position]
    }

    /// The first position of `octet` in `range`, or nil.
    @inline(__always)
    func firstIndex(of octet: UInt8, in range: Range<Int>) -> Int? {
        guard let base, range.lowerBound >= 0, range.upperBound <= count, !range.isEmpty else { return nil }
        guard let found = memchr(base + range.lowerBound, Int32(octet), range.count) else { return nil }
        return UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }

    /// The octets of `range` as far as they exist.
    subscript(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        guard let base else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        let within = range.clamped(to: all)
        return UnsafeRawBufferPointer(start: base + within.lowerBound, count: within.count)
    }

    func array(_ range: Range<Int>) -> [UInt8] { [UInt8](self[range]) }

    func string(_ range: Range<Int>) -> String { String(decoding: self[range], as: UTF8.self) }

    /// Whether `range` holds `name` without regard to the case of US-ASCII letters.
    func equals(_ range: Range<Int>, ignoringCaseOf name: borrowing String) -> Bool {
        guard range.count == name.utf8.count else { return false }
        var position = range.lowerBound
        for octet in name.utf8 {
            guard self[position].asciiLowered == octet.asciiLowered else { return false }
            position += 1
        }
        return true
    }
}

extension ByteBuffer {
    /// Lends the readable octets to a scanner.
    @inline(__always)
    func withOctets<R>(_ body: (Octets) -> R) -> R {
        withUnsafeReadableBytes { body(Octets($0)) }
    }

    /// The readable octets of `range`, counted from the reader index, as far as they exist; shares storage.
    func slice(_ range: Range<Int>) -> ByteBuffer {
        let within = range.clamped(to: 0..<readableBytes)
        return getSlice(at: readerIndex + within.lowerBound, length: within.count) ?? ByteBuffer()
    }
}

extension UInt8 {
    static let lineFeed: UInt8 = 0x0a
    static let carriageReturn: UInt8 = 0x0d
    static let space: UInt8 = 0x20
    static let tab: UInt8 = 0x09

    @inline(__always)
    var asciiLowered: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }

    /// RFC 5234 `WSP`.
    @inline(__always)
    var isWSP: Bool { self == .space || self == .tab }

    /// What separates words in an unfolded or folded field: `WSP`, CR, LF, and NUL, which may not stand in mail at all.
    @inline(__always)
    var isBlank: Bool { self == .space || self == .tab || self == .carriageReturn || self == .lineFeed || self == 0 }

    var isDigit: Bool { self &- 0x30 < 10 }

    var isLetter: Bool { (self | 0x20) &- 0x61 < 26 }

    /// The value of a hexadecimal digit of either case.
    var hexValue: UInt8? {
        switch self {
        case 0x30...0x39: self &- 0x30
        case 0x41...0x46: self &- 0x37
        case 0x61...0x66: self &- 0x57
        default: nil
        }
    }
}
