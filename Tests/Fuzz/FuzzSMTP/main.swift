// A stranger's octets on an SMTP connection, in two pieces, every request answered with yes.
import MailCore
import NIOCore
import SMTP

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let octets = UnsafeBufferPointer(start: start, count: count)
    let cut = octets.first.map { Int($0) % max(1, count) } ?? 0
    let role: ServerConfiguration.Role = cut % 2 == 0 ? .exchange : .lmtp
    var session = ServerSession(ServerConfiguration(role: role, hostname: "mx.example.test"))
    var output = ByteBuffer()
    session.start(into: &output)
    var input = ByteBuffer()
    for piece in [octets[..<cut], octets[cut...]] {
        input.writeBytes(piece)
        advancing: while true {
            switch session.advance(&input, into: &output) {
            case .perform: session.resume(with: .accepted, into: &output)
            case .startTLS, .compress, .close: return 0
            case .needsInput: break advancing
            }
        }
    }
    return 0
}
