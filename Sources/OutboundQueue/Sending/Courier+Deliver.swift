import MessageStore
import NIOCore
import SMTP
import Transport

extension Courier {
    func deliver(
        _ consignment: Consignment, _ message: Outgoing,
        reading read: @Sendable (BodyReference, Range<Int>) async throws(Failure) -> ByteBuffer
    ) async throws(Failure) -> [RecipientResult] {
        allow(seconds: Self.transactionSeconds + message.octetCount / Self.octetsPerSecondMin)
        session.begin(consignment.transaction(message, extensions))
        var step = try await drive()
        if step == .sendBody {
            try await send(message, read)
            step = try await drive()
        }
        // The body could not be sent to its end: what the server said of that, or that it is gone.
        while step == .sendBody {
            await receive(withinSeconds: 5)
            step = try await drive()
        }
        switch step {
        case .finished(let results):
            if let lost = Self.lost(results) { throw .session(lost) }
            return results
        case .failed(let failure): throw .session(failure.result)
        case .needsInput, .startTLS, .ready, .sendBody, .close:
            throw .session(ClientFailure.malformedReply(.transaction).result)
        }
    }

    /// A message of one block goes out in one piece, its end with it.
    private func send(
        _ message: Outgoing, _ read: @Sendable (BodyReference, Range<Int>) async throws(Failure) -> ByteBuffer
    ) async throws(Failure) {
        var output = ByteBuffer()
        session.writeBody(message.preceding, into: &output)
        var position = 0
        while position < message.contentOctets {
            let end = min(position + Self.blockOctets, message.contentOctets)
            let block: ByteBuffer
            switch message.content {
            case .memory(let octets):
                block = octets.getSlice(at: octets.readerIndex + position, length: end - position) ?? ByteBuffer()
            case .stored(let body, _): block = try await read(body, position..<end)
            }
            session.writeBody(block, into: &output)
            position = end
            guard position < message.contentOctets else { break }
            guard await write(output) else { return }
            output.clear()
        }
        session.finishBody(into: &output)
        _ = await write(output)
    }

    private func write(_ output: ByteBuffer) async -> Bool {
        do throws(ClientConnection.Failure) {
            try await connection.write(output, withinSeconds: Self.blockSeconds)
            return true
        } catch {
            return false
        }
    }

    /// What is said when the connection ended before the message did: then nobody has it, and another server may be
    /// asked at once. After its end the server may have it, and is asked again in its own time only.
    private static func lost(_ results: [RecipientResult]) -> RecipientResult? {
        guard let first = results.first, results.allSatisfy({ $0 == first }), case .temporary(let reply) = first
        else { return nil }
        let ends: [ClientFailure] = [.disconnected(.transaction), .disconnected(.data), .timedOut(.transaction)]
        // RFC 5321 §3.8: 421 is said of the connection, not of the message.
        return reply.code == 421 || ends.contains { $0.result == first } ? first : nil
    }
}
