import IMAP
// A stranger's octets on an IMAP connection, in two pieces; who logs in is let in, and every request succeeds.
import MailCore
import MailCrypto
import NIOCore
import SASL

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let octets = UnsafeBufferPointer(start: start, count: count)
    let cut = octets.first.map { Int($0) % max(1, count) } ?? 0
    var configuration = ServerConfiguration()
    configuration.allowsCleartextLogin = true
    var session = ServerSession(configuration, hasTLS: false)
    var output = ByteBuffer()
    session.start(into: &output)
    var input = ByteBuffer()
    for piece in [octets[..<cut], octets[cut...]] {
        input.writeBytes(piece)
        advancing: while true {
            switch session.advance(&input, into: &output) {
            case .perform(let request): session.resume(with: answer(to: request), into: &output)
            case .compress: continue
            case .startTLS, .close: return 0
            case .needsInput: break advancing
            }
        }
    }
    return 0
}

private enum Example {
    static let offer = SCRAMOffer(
        keys: SCRAMKeys.derive("secret", salt: [1, 2, 3], iterations: 4_096), nonce: "nonce")
}

private func answer(to request: ServerSession.Request) -> ServerSession.Answer {
    switch request {
    case .authenticate, .admit: .authenticated
    case .findKeys: .keys(Example.offer)
    case .select: .selected(readOnly: false)
    case .examine: .selected(readOnly: true)
    case .close, .unselect: .closed
    case .spool, .stage, .discardSpool, .idleStarted, .idleUpdates, .idleEnded, .logout, .enable, .unauthenticate:
        .continued
    default: .done(.ok)
    }
}
