import NIOCore

extension ServerSession {
    /// Takes the answer to the request of the state. One that does not fit it is taken for a failure that will pass.
    mutating func take(_ answer: Answer, into output: inout ByteBuffer) {
        switch state {
        case .findingKeys(let exchange, _):
            if case .keys(let offer) = answer {
                provide(offer, to: exchange, into: &output)
            } else {
                refuseLogin(failure(answer), into: &output)
            }
        case .authenticating, .admitting:
            if case .maildrop(let maildrop) = answer {
                logIn(maildrop, into: &output)
            } else {
                refuseLogin(failure(answer), into: &output)
            }
        case .sending:
            state = .transaction
            switch answer {
            case .done: break
            case .brokenOff: end()
            default: Reply(failure(answer)).write(into: &output)
            }
        case .namingOne(let index):
            if case .uniqueIDs(let identifiers) = answer, identifiers.count == 1 {
                writeName(of: index, identifiers, into: &output)
            } else {
                state = .transaction
                Reply(failure(answer)).write(into: &output)
            }
        case .naming(let first):
            takeNames(answer, from: first, into: &output)
        case .committing:
            // RFC 1939 §6: whether or not it was successful the connection is closed.
            let reply =
                answer == .done ? Reply.ok("Goodbye") : .error("[SYS/TEMP] Some deleted messages were not removed")
            reply.write(into: &output)
            state = .closed
        case .loggingOut:
            state = .closed
        case .authorization, .exchanging, .startingTLS, .transaction, .listing, .closed: break
        }
    }

    private mutating func logIn(_ maildrop: Maildrop, into output: inout ByteBuffer) {
        let transaction = Transaction(maildrop)
        Reply.ok("Maildrop has \(transaction.count) messages (\(transaction.remainingOctets) octets)").write(
            into: &output)
        self.transaction = transaction
        state = .transaction
    }

    private mutating func takeNames(_ answer: Answer, from first: Int, into output: inout ByteBuffer) {
        let wanted = min(Self.uniqueIDsMax, (transaction?.count ?? first) - first)
        if case .uniqueIDs(let identifiers) = answer, identifiers.count == wanted {
            continueNaming(from: first, identifiers, into: &output)
        } else if first == 0 {
            state = .transaction
            Reply(failure(answer)).write(into: &output)
        } else {
            // In the middle of the listing there is no way to say it but this.
            end()
        }
    }

    private func failure(_ answer: Answer) -> Failure {
        if case .failed(let failure) = answer { failure } else { .temporary }
    }
}
