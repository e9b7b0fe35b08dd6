import Glibc
import NIOCore

extension ByteBuffer {
    /// Takes the next line without its CR LF; nil while it is not complete.
    ///
    /// - Parameter octetsMax: longest line with its CR LF.
    /// - Throws: `lineTooLong` at one octet more, `bareLineEnd` for a CR or LF that is not in a CR LF pair.
    mutating func readCommandLine(octetsMax: Int) throws(CommandError) -> [UInt8]? {
        let found = withUnsafeReadableBytes { bytes in Self.findLineEnd(bytes, octetsMax: octetsMax) }
        switch found {
        case .incomplete: return nil
        case .tooLong: throw .lineTooLong
        case .bare: throw .bareLineEnd
        case .line(let octets):
            let line = readBytes(length: octets) ?? []
            moveReaderIndex(forwardBy: 2)
            return line
        }
    }

    private enum LineEnd {
        case incomplete, tooLong, bare
        case line(octets: Int)
    }

    private static func findLineEnd(_ bytes: UnsafeRawBufferPointer, octetsMax: Int) -> LineEnd {
        let window = UnsafeRawBufferPointer(rebasing: bytes.prefix(octetsMax))
        let lf = window.firstIndex(of: UInt8(ascii: "\n"), from: 0)
        let cr = window.firstIndex(of: UInt8(ascii: "\r"), from: 0)
        switch (cr, lf) {
        case (let cr?, let lf?): return cr + 1 == lf ? .line(octets: cr) : .bare
        case (nil, _?): return .bare
        // A CR at the very end of what came may be half of a pair.
        case (let cr?, nil) where cr + 1 < window.count: return .bare
        case (_, nil): return bytes.count >= octetsMax ? .tooLong : .incomplete
        }
    }
}

extension UnsafeRawBufferPointer {
    /// The first place of `octet` at or behind `start`.
    @inline(__always)
    func firstIndex(of octet: UInt8, from start: Int) -> Int? {
        guard start < count, let base = baseAddress else { return nil }
        guard let found = memchr(base + start, Int32(octet), count - start) else { return nil }
        return UnsafeRawPointer(found) - base
    }
}
