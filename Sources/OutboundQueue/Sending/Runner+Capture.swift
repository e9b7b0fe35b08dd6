import Execution
import MailCore
import MessageStore
import NIOCore
import SMTP

extension Runner {
    /// Writes each message to a folder instead of sending it.
    func capture(in folder: String, of destination: Destination) async {
        while !Task.isCancelled, let consignment = next(destination, sent: 0) {
            let result: RecipientResult
            do {
                let octets = try await store.octets(of: consignment.body, range: nil)
                let envelope = ByteBuffer(string: Self.envelope(consignment))
                let name = try await files.run(priority: .bulk) {
                    try CapturedFile.write(octets, envelope, to: folder, number: consignment.queueID)
                }
                result = .accepted(Reply(250, "2.0.0", "Caught as \(folder)/\(name).eml"))
            } catch {
                result = .temporary(Reply(451, "4.3.0", "The message could not be caught: \(error)"))
            }
            await record([(consignment, consignment.recipients.map { _ in result })])
        }
    }

    private static func envelope(_ consignment: Consignment) -> String {
        let recipients = consignment.recipients.map { quoted($0.recipient.description) }.joined(separator: ", ")
        return """
            {"reversePath": \(quoted(consignment.reversePath.address?.description ?? "")), \
            "recipients": [\(recipients)], "queueID": \(consignment.queueID)}\n
            """
    }

    /// RFC 8259 §7.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\" + String(scalar)
            case _ where scalar.value < 0x20:
                let hex = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
