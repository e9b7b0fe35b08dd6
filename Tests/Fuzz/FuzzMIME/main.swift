// A message of a stranger: parsed, described for IMAP, decoded, cut into sections.
import IMAP
import MIME
import NIOCore

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let octets = ByteBuffer(bytes: UnsafeBufferPointer(start: start, count: count))
    let message = Message(parsing: octets)
    var output = ByteBuffer()
    EnvelopeWriter.write(message, into: &output)
    BodyStructureWriter.write(message, isExtended: true, into: &output)
    _ = message.preview(charactersMax: 200)
    _ = message.header.date
    _ = message.header.subject
    for part in [[], [1], [2], [1, 1]] as [[Int]] {
        _ = message.octets(of: SectionPath(parts: part, text: .header), prefix: ByteBuffer())
        _ = message.octets(of: SectionPath(parts: part, text: nil), prefix: ByteBuffer())
    }
    return 0
}
