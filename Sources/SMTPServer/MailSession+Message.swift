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
    /// Octets of a message that is too long for memory go to a file, the Received line before them.
    func spool(_ octets: ByteBuffer) async -> Engine.Answer {
        do {
            var octets = octets
            if spool == nil {
                let fresh = try services.store.makeSpool()
                if let envelope {
                    // Its header is in the first chunk, or it is one that is not looked at further.
                    let head = octets.getSlice(
                        at: octets.readerIndex, length: min(Self.headOctets, octets.readableBytes))
                    var preceding = received(envelope)
                    repair(&octets, Message(parsing: head ?? ByteBuffer()), offset: 0, preceding: &preceding)
                    try await fresh.append(preceding)
                }
                spool = fresh
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
            if let refusal = try await refusal(of: message, recipients) {
                return await notTaken(refusal, "", message, envelope)
            }
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
                await uncount(recipients)
                let reply = Reply(refusal.code, refusal.enhancedCode, refusal.text)
                return await notTaken(reply, verdict.json(), message, envelope)
            }
            var kept = envelope
            guard let stored = try await readable(message, &kept, destinations) else {
                await uncount(recipients)
                // RFC 3463 X.6.3.
                let reply = Reply(554, "5.6.3", "The message is binary and cannot be converted for a mailbox")
                return await notTaken(reply, "", message, envelope)
            }
            let request = request(stored, kept, destinations)
            try await services.delivery.deliver(
                stored, from: envelope.reversePath, to: destinations, treatments: treatments(verdict, destinations),
                request: request, origin: origin(envelope), found: verdict.isExamined ? verdict.authentication : nil)
            await tellOfDelivery(stored, request, destinations, verdict, envelope)
            await learn(from: stored, envelope)
            SMTPCounters.accepted.increment()
            if let stranger { services.clients.passed(stranger) }
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

    // MARK: The verdict

    private func addresses(_ envelope: Envelope) -> [EmailAddress] {
        envelope.recipients.map(address)
    }

    private func examination(
        _ message: StagedMessage, _ envelope: Envelope, _ destinations: Destinations
    ) -> Examination {
        Examination(
            origin: account.map { .submission($0.id) } ?? (isTrusted || role == .lmtp ? .trustedNetwork : .stranger),
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

    /// - Parameter verdict: the filter's, as JSON; empty when it was not asked.
    private func notTaken(
        _ reply: Reply, _ verdict: String, _ message: StagedMessage, _ envelope: Envelope
    ) async -> Engine.Answer {
        (reply.isTemporary ? SMTPCounters.deferred : SMTPCounters.refused).increment()
        log.notice(
            "message not accepted",
            metadata: ["id": "\(identifier)", "reply": "\(reply)", "verdict": "\(verdict)"])
        do throws(StoreError) {
            try await services.store.recordRefusal(
                message, origin: origin(envelope), isTemporary: reply.isTemporary,
                recipients: addresses(envelope).map(\.description),
                detail: verdict.isEmpty ? "\(reply)" : "\(reply) \(verdict)")
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
