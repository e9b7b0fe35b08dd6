import Directory
import Filter
import Logging
import MIME
import MailCore
import MessageStore
import NIOCore
import SMTP

/// What is done to a message's header before anybody looks at it.
extension MailSession {
    /// Of a spooled message so much is looked at for fields that are not its sender's to write.
    static let headOctets = 65_536

    /// In the log and in the Received line.
    var identifier: String { "\(facts.identifier)-\(transactions)" }

    func received(_ envelope: Envelope) -> ByteBuffer {
        var line = ByteBuffer()
        var field = ReceivedField(
            envelope: envelope, remote: facts.remote, hostname: services.hostname, identifier: identifier,
            unixSeconds: services.now())
        field.isLocal = role == .lmtp
        field.isClientHidden = role == .submission && services.submission.hidesClient
        field.write(into: &line)
        return line
    }

    func stage(_ envelope: Envelope, _ body: MessageBody) async throws(StoreError) -> StagedMessage {
        switch body {
        case .spooled:
            guard let spool else { throw .storage(operation: "spool", detail: "nothing was spooled") }
            return try await services.store.stage(spool)
        case .memory(let octets):
            let preceding = received(envelope)
            let message = try await services.store.stage(octets, preceding: preceding)
            var header = preceding
            var kept = octets
            repair(&kept, message.message, offset: preceding.readableBytes, preceding: &header)
            if header == preceding, kept.readableBytes == octets.readableBytes { return message }
            return try await services.store.stage(kept, preceding: header)
        }
    }

    /// Takes out what its sender may not write, and puts in front what a message must have.
    ///
    /// - Parameters:
    ///   - message: read from `offset` octets that stand before `octets`, and these.
    ///   - preceding: the lines that will stand before the message.
    func repair(_ octets: inout ByteBuffer, _ message: Message, offset: Int, preceding: inout ByteBuffer) {
        guard role == .submission else {
            let forged = Pipeline.forgedFields(in: message, authservID: services.hostname)
            if !forged.isEmpty { log.notice("forged header fields removed", metadata: ["fields": "\(forged.count)"]) }
            return cut(forged, offset: offset, from: &octets)
        }
        let header = message.header
        if !header.contains("Date") { preceding.writeString("Date: \(MessageDate(unixSeconds: services.now()))\r\n") }
        // RFC 6409 §8: a submission server adds what a message must have.
        if !header.contains("Message-ID") {
            preceding.writeString("Message-ID: <\(identifier).\(services.now())@\(services.hostname)>\r\n")
        }
        if !header.contains("From"), let account { preceding.writeString("From: \(account.address)\r\n") }
        // RFC 5322 §3.6.3: nobody is to see who else got it; a mail program that leaves the field in gives them away.
        let blind = (header.all("Bcc") + header.all("Resent-Bcc")).map(\.lines)
        cut(blind, offset: offset, from: &octets)
    }

    private func cut(_ ranges: [Range<Int>], offset: Int, from octets: inout ByteBuffer) {
        guard !ranges.isEmpty else { return }
        var kept = ByteBuffer()
        var position = octets.readerIndex
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            let start = max(position, range.lowerBound - offset + octets.readerIndex)
            let end = min(octets.writerIndex, range.upperBound - offset + octets.readerIndex)
            guard start < end, let before = octets.getSlice(at: position, length: start - position) else { continue }
            kept.writeImmutableBuffer(before)
            position = end
        }
        if let rest = octets.getSlice(at: position, length: octets.writerIndex - position) {
            kept.writeImmutableBuffer(rest)
        }
        octets = kept
    }
}
