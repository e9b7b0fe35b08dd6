import MailCore
import NIOCore

/// MAIL, RCPT, DATA and RSET (RFC 5321 §3.3).
extension ServerSession {
    mutating func mail(
        _ path: ReversePath, _ parameters: MailParameters, _ phase: Phase, _ output: inout ByteBuffer
    ) {
        switch phase {
        case .connected: return refuse(.helloFirst, &output)
        case .inTransaction, .betweenChunks: return refuse(.nestedMail, &output)
        case .ready: break
        }
        if configuration.role == .submission, login == nil {
            // RFC 3207 §4, RFC 6409 §4.3.
            let isClear = tls == nil && configuration.isSTARTTLSOffered
            return refuse(isClear ? .startTLSFirst : .authenticationRequired, &output)
        }
        // What was not announced is not known: AUTH= but at submission (RFC 4954 §5), REQUIRETLS in clear (RFC 8689 §2).
        let hasUnannounced =
            (parameters.submitter != nil && configuration.role != .submission)
            || (parameters.requiresTLS && tls == nil)
        guard !hasUnannounced else { return refuse(.parameterUnknown, &output) }
        // RFC 1870 §6.1.
        guard parameters.sizeOctets ?? 0 <= configuration.messageOctetsMax else {
            return refuse(.messageTooBig, &output)
        }
        let envelope = Envelope(
            helo: helo, isExtended: isExtended, reversePath: path, parameters: parameters, login: login, tls: tls)
        state = .waiting(.sender(envelope))
    }

    mutating func rcpt(_ recipient: Recipient, isASCII: Bool, _ phase: Phase, _ output: inout ByteBuffer) {
        switch phase {
        case .connected: refuse(.helloFirst, &output)
        case .ready: refuse(.mailFirst, &output)
        case .betweenChunks: refuse(.chunksBegun, &output)
        case .inTransaction(let envelope):
            // RFC 6531 §3.5.
            guard isASCII || envelope.parameters.isInternationalized else { return refuse(.addressNotASCII, &output) }
            // RFC 5321 §4.5.3.1.10.
            guard envelope.recipients.count < configuration.recipientsMax else {
                return Reply.tooManyRecipients.write(into: &output)
            }
            state = .waiting(.recipient(recipient, envelope))
        }
    }

    var noRecipients: Reply { configuration.role == .lmtp ? .noRecipientsByLMTP : .noRecipients }

    mutating func data(_ phase: Phase, _ output: inout ByteBuffer) {
        switch phase {
        case .connected: refuse(.helloFirst, &output)
        case .ready: refuse(.mailFirst, &output)
        case .betweenChunks: refuse(.chunksBegun, &output)
        case .inTransaction(let envelope):
            // RFC 5321 §3.3.
            guard !envelope.recipients.isEmpty else { return refuse(noRecipients, &output) }
            // RFC 3030 §3.
            guard envelope.parameters.body != .binaryMIME else { return refuse(.binaryWantsChunks, &output) }
            Reply.dataGoAhead.write(into: &output)
            state = .receiving(Reception(envelope))
        }
    }

    mutating func reset(_ phase: Phase, _ output: inout ByteBuffer) {
        if case .connected = phase { return Reply.ok.write(into: &output) }
        endTransaction(phase, .ok, &output)
    }

    /// Says `reply` when nothing is left of the transaction.
    mutating func endTransaction(_ phase: Phase, _ reply: Reply, _ output: inout ByteBuffer) {
        if case .betweenChunks(let reception) = phase, reception.spooledOctets > 0 {
            state = .waiting(.discarding(reply, times: 1, closes: false))
        } else {
            state = .commanding(.ready)
            reply.write(into: &output)
        }
    }

    /// Takes what came of a message; false when more must come.
    mutating func receive(_ input: inout ByteBuffer, _ output: inout ByteBuffer) -> Bool {
        guard case .receiving(var reception) = state else { return false }
        // The message has one owner while it grows: it would be copied else.
        state = .closed
        switch reception.take(&input, configuration) {
        case .needsInput:
            state = .receiving(reception)
            return false
        case .spool(let chunk): state = .waiting(.spool(chunk, reception))
        case .chunkEnded: chunkEnded(reception, &output)
        case .ended: finish(reception, closes: false)
        case .overrun: finish(reception, closes: true)
        }
        return true
    }

    private mutating func finish(_ reception: Reception, closes: Bool) {
        if let refusal = reception.refusal {
            state = .waiting(
                .discarding(refusal, times: closes ? 1 : repliesAtEnd(reception.envelope), closes: closes))
        } else if reception.spooledOctets > 0 {
            state = .waiting(.delivery(reception.envelope, .spooled(octets: reception.spooledOctets)))
        } else {
            state = .waiting(.delivery(reception.envelope, .memory(reception.body)))
        }
    }
}
