import Execution
import Glibc
import MailCore
import MessageStore
import NIOCore
import SMTP

extension Runner {
    /// Writes each message to a folder instead of sending it.
    func capture(_ consignments: [Consignment], in folder: String) async {
        for consignment in consignments where !Task.isCancelled {
            let result: RecipientResult
            do {
                let octets = try await store.octets(of: consignment.body)
                let name = "\(folder)/\(consignment.queueID)-\(consignment.recipients.first?.attempts ?? 0)"
                let envelope = Self.envelope(consignment)
                try await files.run(priority: .bulk) {
                    // The envelope first: where there is an .eml, its envelope is there too.
                    try CapturedFile.write(ByteBuffer(string: envelope), to: name + ".json")
                    try CapturedFile.write(octets, to: name + ".eml")
                }
                result = .accepted(Reply(250, "2.0.0", "Caught as \(name).eml"))
            } catch {
                result = .temporary(Reply(451, "4.3.0", "The message could not be caught: \(error)"))
            }
            await record(consignment.recipients.map { _ in result }, of: consignment)
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
    private static func quoted(_ text: String) -> String {
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

/// A file that is there whole or not at all.
private enum CapturedFile {
    struct Failure: Error { var detail: String }

    static func write(_ octets: ByteBuffer, to path: String) throws {
        let temporary = path + ".new"
        let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Failure(detail: String(cString: strerror(errno))) }
        defer { close(file) }
        try octets.withUnsafeReadableBytes { bytes in
            var written = 0
            while written < bytes.count {
                let count = Glibc.write(file, bytes.baseAddress?.advanced(by: written), bytes.count - written)
                guard count > 0 else { throw Failure(detail: String(cString: strerror(errno))) }
                written += count
            }
        }
        guard fsync(file) == 0, rename(temporary, path) == 0 else {
            throw Failure(detail: String(cString: strerror(errno)))
        }
    }
}
