import MIME
import MailCrypto
import NIOCore

/// A message as it is learned: its name and its tokens.
struct Lesson: Sendable {
    private static let bodyOctetsMax = 256 << 10

    /// Of what stays the same wherever a message is read from: some fields unfolded, and the body without CR. Fields
    /// that servers add on the way do not count.
    let digest: [UInt8]
    /// `TokenSet.json`.
    let tokens: String

    init(_ message: Message) {
        tokens = Tokenizer.tokens(of: message).json
        var hash = SHA256()
        for name in ["Message-ID", "Date", "From", "Subject"] {
            message.header.unfolded(name)?.withUnsafeReadableBytes { hash.update($0) }
            hash.update([0])
        }
        hash.update(Self.body(of: message))
        digest = hash.digest().octets
    }

    private static func body(of message: Message) -> [UInt8] {
        var body: [UInt8] = []
        body.reserveCapacity(min(message.root.bodyOctets, bodyOctetsMax))
        message.octets.withUnsafeReadableBytes { octets in
            for octet in octets[min(message.headerOctets, octets.count)...] where octet != 0x0d {
                if body.count == bodyOctetsMax { return }
                body.append(octet)
            }
        }
        // Copies differ in the empty lines at their end.
        while body.last == 0x0a { body.removeLast() }
        return body
    }
}
