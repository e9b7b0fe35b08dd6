import MessageStore
import NIOCore
import SMTP
import Transport

extension Courier {
    func deliver(
        _ consignment: Consignment, preceding: ByteBuffer,
        reading read: @Sendable (Range<Int>) async throws(StoreError) -> ByteBuffer
    ) async throws(Failure) -> [RecipientResult] {
        let octets = consignment.body.octetCount
        allow(seconds: Self.transactionSeconds + octets / Self.octetsPerSecondMin)
        session.begin(consignment.transaction(precedingOctets: preceding.readableBytes))
        var step = try await drive()
        if step == .sendBody {
            if preceding.readableBytes > 0 {
                var output = ByteBuffer()
                session.writeBody(preceding, into: &output)
                _ = await write(output)
            }
            try await sendBody(octets, read)
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

    private func sendBody(
        _ octets: Int, _ read: @Sendable (Range<Int>) async throws(StoreError) -> ByteBuffer
    ) async throws(Failure) {
        var position = 0
        while position < octets {
            let end = min(position + Self.blockOctets, octets)
            let block: ByteBuffer
            do throws(StoreError) {
                block = try await read(position..<end)
            } catch {
                throw .unreadable(error.diagnostic)
            }
            guard block.readableBytes == end - position else { throw .unreadable("cut short") }
            var output = ByteBuffer()
            session.writeBody(block, into: &output)
            guard await write(output) else { return }
            position = end
        }
        var output = ByteBuffer()
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
