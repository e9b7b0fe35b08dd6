import Glibc

/// One end of the control socket, for one thread that may block.
public final class Connection {
    public enum Problem: Error, Equatable, Sendable {
        /// The other side went away in the middle of something.
        case closed
        case tooLong(octetsMax: Int)
        /// The other side was silent, or took nothing, for the time allowed.
        case timedOut
        case system(operation: String, code: Int32)
    }

    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private var head = 0

    /// Takes over `descriptor`, a connected stream socket, and closes it in the end.
    public init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// How long one read or write may wait, in seconds; 0 for ever.
    public func setTimeout(seconds: Int) {
        var time = timeval(tv_sec: seconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, size)
    }

    /// The next line without its newline; nil when the other side closed between two lines.
    public func readLine(octetsMax: Int = Line.octetsMax) throws(Problem) -> [UInt8]? {
        var searched = head
        while true {
            if let newline = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                guard newline - head < octetsMax else { throw .tooLong(octetsMax: octetsMax) }
                defer { head = newline + 1 }
                return Array(buffer[head..<newline])
            }
            guard buffer.count - head < octetsMax else { throw .tooLong(octetsMax: octetsMax) }
            let waiting = buffer.count - head
            guard try fill() else {
                if waiting == 0 { return nil }
                throw .closed
            }
            searched = head + waiting
        }
    }

    /// Exactly `count` octets.
    public func readOctets(_ count: Int) throws(Problem) -> [UInt8] {
        while buffer.count - head < count {
            guard try fill() else { throw .closed }
        }
        defer { head += count }
        return Array(buffer[head..<head + count])
    }

    public func write(_ octets: [UInt8]) throws(Problem) {
        var sent = 0
        while sent < octets.count {
            let count = octets.withUnsafeBytes { bytes in
                send(descriptor, bytes.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count >= 0 {
                sent += count
            } else if errno != EINTR {
                throw Self.problem("send")
            }
        }
    }

    /// Reads once; false at the end of the stream.
    private func fill() throws(Problem) -> Bool {
        if head > 0 {
            buffer.removeFirst(head)
            head = 0
        }
        let before = buffer.count
        let room = 64 << 10
        buffer.append(contentsOf: repeatElement(0, count: room))
        var count: Int
        repeat {
            count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress?.advanced(by: before), room, 0) }
        } while count < 0 && errno == EINTR
        let code = errno
        buffer.removeLast(room - max(0, count))
        guard count >= 0 else {
            errno = code
            throw Self.problem("recv")
        }
        return count > 0
    }

    private static func problem(_ operation: String) -> Problem {
        switch errno {
        case EAGAIN, EWOULDBLOCK: .timedOut
        case EPIPE, ECONNRESET: .closed
        default: .system(operation: operation, code: errno)
        }
    }
}
