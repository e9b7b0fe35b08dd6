// A notice of a stranger about a message of ours, and a message of his that is made fit for a server that takes less.
import MIME
import NIOCore

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let octets = UnsafeBufferPointer(start: start, count: count)
    let message = Message(parsing: ByteBuffer(bytes: octets))
    if let report = DeliveryReport(message) { precondition(report.recipients.count <= DeliveryReport.recipientsMax) }
    // The octets as the part for programs alone.
    var notice = ByteBuffer(
        string: "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n"
            + "Content-Type: message/delivery-status\r\n\r\n")
    notice.writeBytes(octets)
    _ = DeliveryReport(Message(parsing: notice))
    for goal in [Conversion.Goal.sevenBit, .eightBit] {
        guard let converted = try? Conversion.convert(message, to: goal) else { continue }
        let facts = LineScanner.facts(of: converted)
        precondition(!facts.isBinary && (goal == .eightBit || !facts.hasEightBit))
    }
    return 0
}
