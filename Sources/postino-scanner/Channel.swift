// SPDX-License-Identifier: GPL-2.0-or-later

import CSys
import Glibc
import ScannerWire

/// One end of a `SOCK_SEQPACKET` socket.
struct Channel {
    let descriptor: Int32

    enum Received {
        case datagram([UInt8], descriptor: Int32)
        /// Nothing there; only without waiting.
        case nothing
        /// The other side is gone.
        case end
    }

    /// A connected pair, closed on exec.
    static func pair() -> (Channel, Channel)? {
        var ends: [Int32] = [-1, -1]
        let type = Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { return nil }
        return (Channel(descriptor: ends[0]), Channel(descriptor: ends[1]))
    }

    /// False when the other side is gone or the datagram does not fit.
    @discardableResult
    func send(_ datagram: [UInt8], descriptor passed: Int32 = -1) -> Bool {
        datagram.withUnsafeBytes { csys_send_fd(descriptor, $0.baseAddress, $0.count, passed) } == datagram.count
    }

    @discardableResult
    func send(_ answer: Answer) -> Bool {
        guard let datagram = answer.datagram else { return false }
        return send(datagram)
    }

    /// The next datagram. Too large a one is dropped as if it had not come.
    func receive(waiting: Bool) -> Received {
        var passed: Int32 = -1
        while true {
            var count = 0
            let octets = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Bounds.datagramOctetsMax) { buffer in
                count =
                    waiting
                    ? csys_recv_fd(descriptor, buffer.baseAddress, buffer.count, &passed)
                    : csys_recv_fd_now(descriptor, buffer.baseAddress, buffer.count, &passed)
                return Array(buffer.prefix(max(count, 0)))
            }
            if count > 0 { return .datagram(octets, descriptor: passed) }
            if count == 0 { return .end }
            if errno == EMSGSIZE { continue }
            return errno == EAGAIN ? .nothing : .end
        }
    }

    func close() { _ = Glibc.close(descriptor) }
}
