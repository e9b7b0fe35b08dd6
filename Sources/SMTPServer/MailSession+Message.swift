import Delivery
import Directory
import Filter
import Logging
import MIME
import MailCore
import MailCrypto
import MessageStore
import NIOCore
import Observation
import SMTP

extension MailSession {
    /// Of a spooled message so much is looked at for fields that are not its sender's to write.
    private static let headOctets = 65_536

    /// Octets of a message that is too long for memory go to a file, the Received line before them.
    func spool(_ octets: ByteBuffer) async -> Engine.Answer {
        do {
            var octets = octets
            if spool == nil {
                let fresh = try services.store.makeSpool()
                if let envelope { try await fresh.append(received(envelope)) }
                spool = fresh
                if role == .exchange,
                    let head = octets.getSlice(
                        at: octets.readerIndex, length: min(Self.headOctets, octets.readableBytes))
                {
                    cutForgedFields(of: Message(parsing: head), precedingOctets: 0, from: &octets)
                }
            }
            try await spool?.append(octets)
            return .accepted
        } catch {
            spool = nil
            log.error("message cannot be spooled", metadata: ["error": "\(error.diagnostic)"])
            return .reply(error.smtpReply)
        }
    }

    func deliver(_ envelope: Envelope, _ body: MessageBody) async -> Engine.Answer {
        defer {
            spool = nil
            self.envelope = nil
        }
        do {
            let message = try await stage(envelope, body)
            let recipients = addresses(envelope)
            let destinations = try await services.delivery.destinations(of: recipients)
            for dead in destinations.dead {
                log.warning("alias leads nowhere", metadata: ["address": "\(dead)"])
            }
            // Every recipient existed at RCPT; a directory that changed since then is asked again by the sender.
            guard !destinations.isEmpty else {
                return .reply(Reply(451, "4.3.0", "Temporary failure, try again later"))
            }
            let verdict = await services.pipeline.examine(examination(message, envelope, destinations))
            switch verdict.dataReply {
            case .accept: break
            case .refuse(let refusal), .defer(let refusal):
                return await refusedByFilter(refusal, verdict, message, envelope)
            }
            try await services.delivery.deliver(
                message, from: envelope.reversePath, to: destinations, treatments: treatments(verdict, destinations),
                isEightBit: isEightBit(message, envelope), origin: origin(envelope),
                found: verdict.isExamined ? verdict.authentication : nil)
            SMTPCounters.accepted.increment()
            log.info(
                "message accepted",
                metadata: [
                    "id": "\(identifier)", "from": "\(envelope.reversePath)", "octets": "\(message.octetCount)",
                    "local": "\(destinations.local.count)", "remote": "\(destinations.remote.count)",
                    "junk": "\(destinations.local.filter { verdict.action(for: $0.account).isForJunk }.count)",
                ])
            return .reply(Reply(250, "2.6.0", "Message accepted as \(identifier)"))
        } catch let error as StoreError {
            return failed(error.diagnostic, error.smtpReply)
        } catch let error as DirectoryError {
            return failed(error.diagnostic, error.smtpReply)
        } catch {
            return failed("\(error)", Reply(451, "4.3.0", "Temporary failure, try again later"))
        }
    }

    // MARK: The message

    /// In the log and in the Received line.
    var identifier: String { "\(facts.identifier)-\(transactions)" }

    private func received(_ envelope: Envelope) -> ByteBuffer {
        var line = ByteBuffer()
        ReceivedField(
            envelope: envelope, remote: facts.remote, hostname: services.hostname, identifier: identifier,
            unixSeconds: services.now()
        ).write(into: &line)
        return line
    }

    private func stage(_ envelope: Envelope, _ body: MessageBody) async throws(StoreError) -> StagedMessage {
        switch body {
        case .spooled:
            guard let spool else { throw .storage(operation: "spool", detail: "nothing was spooled") }
            return try await services.store.stage(spool)
        case .memory(let octets):
            let preceding = received(envelope)
            let message = try await services.store.stage(octets, preceding: preceding)
            var header = preceding
            var kept = octets
            if role == .submission {
                addMissingFields(of: message.message.header, to: &header)
            } else {
                cutForgedFields(of: message.message, precedingOctets: preceding.readableBytes, from: &kept)
            }
            if header == preceding, kept.readableBytes == octets.readableBytes { return message }
            return try await services.store.stage(kept, preceding: header)
        }
    }

    /// RFC 6409 §8: a submission server adds what a message must have.
    private func addMissingFields(of header: Header, to preceding: inout ByteBuffer) {
        if !header.contains("Date") { preceding.writeString("Date: \(MessageDate(unixSeconds: services.now()))\r\n") }
        if !header.contains("Message-ID") {
            preceding.writeString("Message-ID: <\(identifier).\(services.now())@\(services.hostname)>\r\n")
        }
    }

    /// RFC 8601 §5: results that bear our name and are not ours are removed.
    private func cutForgedFields(of message: Message, precedingOctets: Int, from octets: inout ByteBuffer) {
        let forged = Pipeline.forgedFields(in: message, authservID: services.hostname)
        guard !forged.isEmpty else { return }
        var kept = ByteBuffer()
        var position = octets.readerIndex
        for range in forged.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            let start = max(position, range.lowerBound - precedingOctets + octets.readerIndex)
            let end = min(octets.writerIndex, range.upperBound - precedingOctets + octets.readerIndex)
            guard start < end, let before = octets.getSlice(at: position, length: start - position) else { continue }
            kept.writeImmutableBuffer(before)
            position = end
        }
        if let rest = octets.getSlice(at: position, length: octets.writerIndex - position) {
            kept.writeImmutableBuffer(rest)
        }
        log.notice("forged header fields removed", metadata: ["fields": "\(forged.count)"])
        octets = kept
    }

    /// RFC 6152: whether the next hop must know 8BITMIME. Of a spooled message only its beginning is looked at.
    private func isEightBit(_ message: StagedMessage, _ envelope: Envelope) -> Bool {
        envelope.parameters.body == .eightBitMIME || message.head.readableBytesView.contains { $0 >= 0x80 }
    }

    // MARK: The verdict

    private func addresses(_ envelope: Envelope) -> [EmailAddress] {
        envelope.recipients.map { path in
            switch path {
            case .address(let address): address
            case .postmaster: EmailAddress(localPart: "postmaster", domain: services.hostname)
            }
        }
    }

    private func examination(
        _ message: StagedMessage, _ envelope: Envelope, _ destinations: Destinations
    ) -> Examination {
        Examination(
            origin: account.map { .submission($0.id) } ?? (isTrusted ? .trustedNetwork : .stranger),
            client: client ?? .v4(0), helo: envelope.helo,
            reversePath: envelope.reversePath, recipients: destinations.local.map(\.account), message: message.message,
            content: message.spoolPath.map { .spooled(path: $0) } ?? .inMemory,
            digest: Hexadecimal.encode(message.digest), unixSeconds: services.now())
    }

    private func treatments(_ verdict: Verdict, _ destinations: Destinations) -> [AccountID: Agent.Treatment] {
        var treatments: [AccountID: Agent.Treatment] = [:]
        for local in destinations.local {
            var treatment = Agent.Treatment()
            guard verdict.isExamined else { continue }
            treatment.isJunk = verdict.action(for: local.account).isForJunk
            treatment.headerLines = verdict.headerLines(for: local.account)
            treatment.verdict = verdict.json(for: local.account)
            treatments[local.account] = treatment
        }
        return treatments
    }

    /// For the message's trail.
    private func origin(_ envelope: Envelope) -> Origin {
        Origin(
            role == .submission ? .submission : .exchange, session: identifier, client: facts.remote.host,
            login: account.map { "\($0.address)" } ?? "", reversePath: envelope.reversePath.address?.description ?? "")
    }

    private func refusedByFilter(
        _ refusal: Refusal, _ verdict: Verdict, _ message: StagedMessage, _ envelope: Envelope
    ) async -> Engine.Answer {
        let reply = Reply(refusal.code, refusal.enhancedCode, refusal.text)
        (reply.isTemporary ? SMTPCounters.deferred : SMTPCounters.refused).increment()
        log.notice(
            "message not accepted",
            metadata: ["id": "\(identifier)", "reply": "\(reply)", "verdict": "\(verdict.json())"])
        do throws(StoreError) {
            try await services.store.recordRefusal(
                message, origin: origin(envelope), isTemporary: reply.isTemporary,
                recipients: addresses(envelope).map(\.description), detail: "\(reply) \(verdict.json())")
        } catch {
            // The sender is told all the same.
            log.error("a refusal cannot be kept for tracing", metadata: ["error": "\(error.diagnostic)"])
        }
        return .reply(reply)
    }

    private func failed(_ diagnostic: String, _ reply: Reply) -> Engine.Answer {
        SMTPCounters.deferred.increment()
        log.error("message not stored", metadata: ["id": "\(identifier)", "error": "\(diagnostic)"])
        return .reply(reply)
    }
}
