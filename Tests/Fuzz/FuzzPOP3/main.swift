// A stranger's octets on a POP3 connection, in two pieces; who logs in has three messages.
import MailCore
import NIOCore
import POP3

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let octets = UnsafeBufferPointer(start: start, count: count)
    let cut = octets.first.map { Int($0) % max(1, count) } ?? 0
    var configuration = Configuration(hostName: "mx.example.test")
    configuration.allowsCleartextLogin = true
    var session = ServerSession(configuration: configuration, isTLSActive: false)
    var output = ByteBuffer()
    session.start(into: &output)
    var input = ByteBuffer()
    for piece in [octets[..<cut], octets[cut...]] {
        input.writeBytes(piece)
        advancing: while true {
            switch session.advance(&input, into: &output) {
            case .perform(let request): session.resume(with: answer(to: request), into: &output)
            case .startTLS, .compress, .close: return 0
            case .needsInput: break advancing
            }
        }
    }
    return 0
}

private func answer(to request: ServerSession.Request) -> ServerSession.Answer {
    switch request {
    case .authenticate: .maildrop(Maildrop(sizes: [1, 20, 300]))
    case .uniqueIDs(let range):
        .uniqueIDs(
            range.reduce(into: UniqueIDs()) { (ids: inout UniqueIDs, index: Int) in
                ids.append(1, UInt32(truncatingIfNeeded: index))
            })
    default: .done
    }
}
