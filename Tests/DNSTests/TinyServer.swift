import Execution
import Glibc
import Synchronization

/// A resolver on a UDP port of 127.0.0.1, with a thread of its own, that answers from a table.
final class TinyServer: Sendable {
    enum Reply: Sendable {
        /// Records of the type asked for, RDATA each.
        case records([[UInt8]])
        /// An alias, and the records of its target.
        case alias(String, [[UInt8]])
        case responseCode(UInt8)
        case silence
    }

    let port: Int
    private let descriptor: Int32
    private let seen = Mutex<[String]>([])

    /// The names asked for, lowered, in order.
    var questions: [String] { seen.withLock { $0 } }

    /// - Parameter reply: to a name, lowered and without a final dot, and a type.
    init(_ reply: @escaping @Sendable (String, UInt16) -> Reply) {
        descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                precondition(bind(descriptor, $0, length) == 0)
                getsockname(descriptor, $0, &length)
            }
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.start(name: "tiny-dns") { [self] in serve(reply) }
    }

    /// Ends the thread: a datagram of no octets.
    func stop() {
        let sender = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(sender) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        address.sin_port = UInt16(port).bigEndian
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = sendto(sender, nil, 0, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    private func serve(_ reply: @Sendable (String, UInt16) -> Reply) {
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 4_096)
        var peer = sockaddr_in()
        while true {
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let count = withUnsafeMutablePointer(to: &peer) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    recvfrom(descriptor, &buffer, buffer.count, 0, $0, &length)
                }
            }
            guard count > 0 else { return }
            guard let answer = answer(Array(buffer[..<count]), reply) else { continue }
            withUnsafePointer(to: &peer) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    _ = sendto(descriptor, answer, answer.count, 0, $0, length)
                }
            }
        }
    }

    /// RFC 1035 §4.1: the header, the question again, and the answers.
    private func answer(_ query: [UInt8], _ reply: @Sendable (String, UInt16) -> Reply) -> [UInt8]? {
        guard let end = query.dropFirst(12).firstIndex(of: 0), query.count >= end + 5 else { return nil }
        let name = Self.text(query[12...end])
        let type = UInt16(query[end + 1]) << 8 | UInt16(query[end + 2])
        seen.withLock { $0.append(name) }
        var code: UInt8 = 0
        var answers: [[UInt8]] = []
        switch reply(name, type) {
        case .silence: return nil
        case .responseCode(let given): code = given
        case .records(let data): answers = data.map { Self.record([0xc0, 12], type, $0) }
        case .alias(let target, let data):
            let wire = Self.wire(target)
            answers = [Self.record([0xc0, 12], 5, wire)] + data.map { Self.record(wire, type, $0) }
        }
        // QR, RD, RA.
        let header = Array(query[..<2]) + [0x81, 0x80 | code, 0, 1, 0, UInt8(answers.count), 0, 0, 0, 0]
        return header + Array(query[12..<end + 5]) + answers.flatMap { $0 }
    }

    private static func record(_ name: [UInt8], _ type: UInt16, _ data: [UInt8]) -> [UInt8] {
        let ttlSeconds: UInt8 = 60
        return name + [UInt8(type >> 8), UInt8(type & 255), 0, 1, 0, 0, 0, ttlSeconds]
            + [UInt8(data.count >> 8), UInt8(data.count & 255)] + data
    }

    static func wire(_ name: String) -> [UInt8] {
        name.utf8.split(separator: UInt8(ascii: ".")).flatMap { [UInt8($0.count)] + $0 } + [0]
    }

    private static func text(_ wire: ArraySlice<UInt8>) -> String {
        var labels: [String] = []
        var rest = wire
        while let length = rest.popFirst(), length > 0 {
            labels.append(String(decoding: rest.prefix(Int(length)), as: UTF8.self).lowercased())
            rest = rest.dropFirst(Int(length))
        }
        return labels.joined(separator: ".")
    }
}
