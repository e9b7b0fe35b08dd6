import NIOCore

/// BDAT (RFC 3030 §2): octets by number, no dots and no end of data to be found in them.
extension ServerSession {
    mutating func bdat(_ octets: Int, isLast: Bool, _ phase: Phase, _ output: inout ByteBuffer) {
        switch phase {
        case .connected: skip(octets, .helloFirst, phase, &output)
        case .ready: skip(octets, .mailFirst, phase, &output)
        case .inTransaction(let envelope) where envelope.recipients.isEmpty:
            skip(octets, noRecipients, phase, &output)
        case .inTransaction(let envelope):
            state = .receiving(Reception(envelope, chunkOctets: octets, isLast: isLast))
        case .betweenChunks(var reception):
            reception.begin(chunkOctets: octets, isLast: isLast)
            if reception.chunks > configuration.chunksMax { reception.refuse(.tooManyChunks) }
            state = .receiving(reception)
        }
    }

    /// A chunk that is not the last one is there. Refused, it ends the transaction, so that the chunks which were sent
    /// behind it without waiting find none.
    mutating func chunkEnded(_ reception: Reception, _ output: inout ByteBuffer) {
        if let refusal = reception.refusal {
            state = .waiting(.discarding(refusal, times: 1, closes: false))
        } else {
            // A chunk of nothing brings nothing forward.
            if reception.chunkOctets > 0 { idleCommands = 0 }
            state = .commanding(.betweenChunks(reception))
            Reply(250, "2.0.0", "\(reception.chunkOctets) octets received").write(into: &output)
        }
    }

    /// RFC 3030 §2: the octets of a chunk follow also when it is refused; what is more than is read for politeness ends
    /// the session.
    private mutating func skip(_ octets: Int, _ reply: Reply, _ phase: Phase, _ output: inout ByteBuffer) {
        guard octets <= configuration.discardedOctetsMax else { return end(reply, into: &output) }
        state = .skipping(octetsLeft: octets, reply, phase)
    }

    /// Drops what came of a refused chunk; false when more must come.
    mutating func skip(_ input: inout ByteBuffer, _ output: inout ByteBuffer) -> Bool {
        guard case .skipping(let octetsLeft, let reply, let phase) = state else { return false }
        let count = min(octetsLeft, input.readableBytes)
        input.moveReaderIndex(forwardBy: count)
        guard count == octetsLeft else {
            state = .skipping(octetsLeft: octetsLeft - count, reply, phase)
            return false
        }
        state = .commanding(phase)
        refuse(reply, &output)
        return true
    }
}
