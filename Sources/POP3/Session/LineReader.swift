import NIOCore

/// Finds the lines of a client in what has come so far, and looks at no octet twice.
struct LineReader: Sendable {
    enum Failure: Error, Equatable, Sendable {
        case tooLong
        /// A bare CR or LF. Where the next command starts would be a guess.
        case bareLineEnd
    }

    /// Octets in front of `input` that hold no LF.
    private var scannedOctets = 0

    /// RFC 2449 §4 wants 255 octets taken, with CR LF. Passwords may be longer.
    static let commandOctetsMax = 1_000
    /// RFC 5034 §4: a line of an authentication exchange, with CR LF.
    static let authenticationOctetsMax = 12_288

    /// The next line without its CR LF; nil when it has not come whole.
    mutating func next(from input: inout ByteBuffer, isInExchange: Bool) throws(Failure) -> [UInt8]? {
        let view = input.readableBytesView
        let unseen = view.dropFirst(min(scannedOctets, view.count))
        guard let lineEnd = unseen.firstIndex(of: UInt8(ascii: "\n")) else {
            guard view.count < Self.bound(view, isInExchange) else { throw .tooLong }
            scannedOctets = view.count
            return nil
        }
        let octets = lineEnd - view.startIndex + 1
        guard octets <= Self.bound(view, isInExchange) else { throw .tooLong }
        scannedOctets = 0
        guard var line = input.readBytes(length: octets), line.count >= 2 else { throw .bareLineEnd }
        line.removeLast()
        guard line.popLast() == UInt8(ascii: "\r"), !line.contains(UInt8(ascii: "\r")) else { throw .bareLineEnd }
        return line
    }

    /// AUTH may bring an initial response with it.
    private static func bound(_ line: ByteBufferView, _ isInExchange: Bool) -> Int {
        if isInExchange { return authenticationOctetsMax }
        let isAuthentication = line.prefix(5).elementsEqual("AUTH ".utf8) { octet, wanted in
            octet == wanted || octet == wanted | 0x20
        }
        return isAuthentication ? authenticationOctetsMax : commandOctetsMax
    }
}
