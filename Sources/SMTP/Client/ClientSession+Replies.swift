import NIOCore
import SASL

extension ClientSession {
    /// Takes the next reply; false while it is not complete.
    mutating func takeReply(_ input: inout ByteBuffer) -> Bool {
        let reply: Reply
        do throws(ReplyReader.Failure) {
            guard let next = try reader.read(&input) else { return false }
            reply = next
        } catch {
            fail(.malformedReply(stage))
            return true
        }
        switch state {
        case .awaiting(let exchange): take(reply, exchange)
        case .inTransaction(let dialogue): take(reply, dialogue)
        case .sendingBody(let dialogue) where dialogue.transaction.isBinary: chunk(reply, dialogue)
        case .sendingBody(var dialogue):
            guard reply.isTemporary || reply.isPermanent else {
                fail(.malformedReply(.data))
                return true
            }
            // A refusal before the end of data: the server has had enough, and the connection has no further use.
            dialogue.refuse(with: reply)
            failure = .refused(reply, .data)
            state = .finished(dialogue.results)
        case .startingTLS, .ready, .finished, .failed, .closed: break
        }
        return true
    }

    private mutating func take(_ reply: Reply, _ exchange: Exchange) {
        switch exchange {
        case .greeting:
            guard reply.isPositive else { return fail(.refused(reply, .greeting)) }
            facts.greeting = reply.lines.first ?? ""
            sayHello()
        case .ehlo:
            // RFC 5321 §3.2: a server without EHLO is greeted by HELO.
            if reply.isPermanent { return ask("HELO \(configuration.hostname)", .helo) }
            guard reply.isPositive else { return fail(.refused(reply, .hello)) }
            facts.extensions = Extensions(ehloReply: reply)
            greeted(reply)
        case .helo:
            guard reply.isPositive else { return fail(.refused(reply, .hello)) }
            greeted(reply)
        case .startTLS:
            if reply.code == 220 {
                state = .startingTLS
                return
            }
            guard configuration.tlsPolicy != .required, reply.code != 421 else {
                return fail(.refused(reply, .startTLS))
            }
            authenticate()
        case .auth(let exchange): take(reply, exchange)
        case .quit: state = .closed
        }
    }

    mutating func sayHello() { ask("EHLO \(configuration.hostname)", .ehlo) }

    private mutating func greeted(_ reply: Reply) {
        facts.hostname = reply.lines.first?.split(separator: " ").first.map(String.init) ?? ""
        switch (configuration.tlsPolicy, facts.tls, facts.extensions.hasSTARTTLS) {
        case (.never, _, _), (_, .some, _), (.opportunistic, nil, false): authenticate()
        case (.opportunistic, nil, true), (.required, nil, true): ask("STARTTLS", .startTLS)
        case (.required, nil, false): fail(.tlsUnavailable)
        }
    }

    private mutating func authenticate() {
        guard let credentials = configuration.credentials else {
            state = .ready
            return
        }
        // RFC 4616 §5: a password goes out under TLS.
        guard facts.tls != nil || configuration.isClearAuthenticationAllowed,
            var exchange = ClientExchange(credentials, offered: facts.extensions.authMechanisms)
        else { return fail(.authenticationUnavailable) }
        exchange.start(into: &pending)
        state = .awaiting(.auth(exchange))
    }

    private mutating func take(_ reply: Reply, _ exchange: ClientExchange) {
        var exchange = exchange
        if reply.isPositive {
            facts.isAuthenticated = true
            state = .ready
        } else if reply.code == 334, exchange.respond(into: &pending) {
            state = .awaiting(.auth(exchange))
        } else if reply.isIntermediate {
            fail(.malformedReply(.authentication))
        } else {
            fail(.refused(reply, .authentication))
        }
    }

    // MARK: Asking and failing

    mutating func ask(_ command: String, _ exchange: Exchange) {
        pending.writeString(command)
        pending.writeLineEnd()
        state = .awaiting(exchange)
    }

    /// Ends the session; in a transaction its results come first.
    mutating func fail(_ failure: ClientFailure) {
        self.failure = failure
        pending.clear()
        switch state {
        case .inTransaction(var dialogue), .sendingBody(var dialogue):
            dialogue.settle(failure.result)
            state = .finished(dialogue.results)
        case .awaiting, .startingTLS, .ready: state = .failed(failure)
        // Results that may not have been seen yet stay; the failure follows them.
        case .finished, .failed, .closed: break
        }
    }

    var stage: ClientFailure.Stage {
        switch state {
        case .awaiting(let exchange):
            switch exchange {
            case .greeting: .greeting
            case .ehlo, .helo: .hello
            case .startTLS: .startTLS
            case .auth: .authentication
            case .quit: .quit
            }
        case .startingTLS: .startTLS
        case .inTransaction(let dialogue): dialogue.position == .endOfData ? .endOfData : .transaction
        case .sendingBody: .data
        case .ready, .finished, .failed, .closed: .transaction
        }
    }

    /// RFC 5321 §4.5.3.2.
    var seconds: Int {
        switch state {
        case .awaiting(.quit): 60
        case .awaiting, .startingTLS, .ready, .finished, .failed, .closed: 300
        case .inTransaction(let dialogue):
            switch dialogue.position {
            case .data: 120
            case .endOfData: 600
            case .reset, .mail, .recipient: 300
            }
        case .sendingBody: 180
        }
    }
}
