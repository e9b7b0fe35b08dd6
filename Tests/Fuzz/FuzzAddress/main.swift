// A stranger's octets where addresses stand: in a command, in a header field, on a command line of ours.
import MIME
import MailCore
import NIOCore
import SMTP

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let octets = UnsafeBufferPointer(start: start, count: count)
    let text = String(decoding: octets, as: UTF8.self)
    if let domain = EmailAddress.asciiDomain(text) {
        // What is in the DNS' form stays as it is.
        precondition(domain.utf8.allSatisfy { $0 < 0x80 } && EmailAddress.asciiDomain(domain) == domain)
    }
    if let address = EmailAddress(text) { _ = "\(address)" }
    let header = Header(parsing: ByteBuffer(string: "From: ") + ByteBuffer(bytes: octets))
    for mailbox in header.addresses("From").mailboxes { _ = mailbox.address?.description }
    // A path that is taken is written so that it is taken again, and names the same.
    if let path = accepted(Array(octets)) {
        precondition(accepted(Array(path.description.utf8.dropFirst().dropLast())) == path)
    }
    return 0
}

/// What a server makes of `RCPT TO:<octets>`.
private func accepted(_ octets: [UInt8]) -> ForwardPath? {
    guard octets.count < 2_000 else { return nil }
    var session = ServerSession(ServerConfiguration(role: .exchange, hostname: "mx.example.test"))
    var output = ByteBuffer()
    var input = ByteBuffer(string: "EHLO a\r\nMAIL FROM:<> SMTPUTF8\r\nRCPT TO:<")
    input.writeBytes(octets)
    input.writeString(">\r\n")
    session.start(into: &output)
    while case .perform(let request) = session.advance(&input, into: &output) {
        if case .checkRecipient(let recipient, _) = request { return recipient.path }
        session.resume(with: .accepted, into: &output)
    }
    return nil
}

extension ByteBuffer {
    fileprivate static func + (left: ByteBuffer, right: ByteBuffer) -> ByteBuffer {
        var both = left
        both.writeImmutableBuffer(right)
        return both
    }
}
