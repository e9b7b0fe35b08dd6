import DNS
import MailCore
import MessageStore
import NIOCore
import SASL
import SMTP

extension Runner {
    /// One place to connect to.
    struct Target: Equatable, Sendable {
        var host: String
        var address: String
        var port: Int
        var security = ServerSecurity.opportunistic
        var isImplicitTLS = false
        var credentials: Credentials?
        var sources = SourceAddresses()
    }

    /// What is said of a message that no server of its destination took.
    struct Refusals: Sendable {
        private(set) var result: RecipientResult?

        /// As long as one server may take it later, it is tried again.
        mutating func add(_ other: RecipientResult) {
            if case .temporary = result { return }
            result = other
        }
    }

    /// Sends what waits for one destination over one connection at a time, one message behind the other.
    func send(to destination: Destination) async {
        guard let first = next(destination, sent: 0) else { return }
        switch await targets(of: destination) {
        case .failure(let result): await settle(first, result, destination)
        case .success(let targets):
            var turn = Turn(destination: destination, current: first)
            var refusals = Refusals()
            for target in targets where turn.current != nil && !Task.isCancelled {
                if let refusal = await send(&turn, over: target) { refusals.add(refusal) }
            }
            guard let current = turn.current else { return }
            let unreached = RecipientResult.temporary(
                Reply(451, "4.4.1", "No mail server of \(destination) could be reached"))
            await settle(current, forRoute(refusals.result ?? unreached, destination), destination)
        }
    }

    /// A relay that refuses the session as such says something of how we are set up, not of the mail: that waits.
    private func forRoute(_ result: RecipientResult, _ destination: Destination) -> RecipientResult {
        guard case .relay = destination.route, case .permanent(let reply) = result else { return result }
        return .temporary(Reply(451, "4.3.5", "The relay refused: \(reply)"))
    }

    /// What a worker has in hand.
    private struct Turn {
        var destination: Destination
        /// Taken and not settled; nil when nothing is left to do.
        var current: Consignment?
        var sent = 0
    }

    /// - Returns: why no more could be done here, to be told if no other server helps; nil when all is settled.
    private func send(_ turn: inout Turn, over target: Target) async -> RecipientResult? {
        var security = target.security
        while !Task.isCancelled {
            let before = turn.sent
            do throws(Courier.Failure) {
                let courier = try await dial(target, security)
                if await courier.isVerified { count(.success, security, turn.destination) }
                let refusal = await send(&turn, with: courier, target)
                await courier.close()
                // A connection that took messages and then ended was only used up: the next takes more.
                guard turn.current != nil, turn.sent > before else { return refusal }
            } catch {
                switch error {
                case .handshake: count(.validationFailure, security, turn.destination)
                case .noTLS: count(.notSupported, security, turn.destination)
                case .unreachable, .session, .unreadable: return error.result
                }
                // RFC 7435: better in clear than not at all, where nobody asked for more.
                guard let weaker = security.weaker else { return error.result }
                security = weaker
            }
        }
        return nil
    }

    /// - Returns: why the connection is of no more use for what is in hand.
    private func send(
        _ turn: inout Turn, with courier: any Conveyance, _ target: Target
    ) async -> RecipientResult? {
        while let consignment = turn.current {
            do throws(Courier.Failure) {
                let results = try await deliver(consignment, by: courier)
                // Cut off by us before anything was settled: given back by `settle`.
                if Task.isCancelled, results.allSatisfy(\.isTemporary) { return nil }
                // RFC 3461 §5.2.2: a server that knows DSN tells the sender itself of what comes later.
                await record(
                    [(consignment, results)], by: target.host,
                    proof: await courier.isVerified ? target.security.proof : nil,
                    tellsOfSuccess: !(await courier.extensions.hasDSN))
                turn.sent += 1
                turn.current = await more(turn)
            } catch {
                guard case .unreadable = error else { return error.result }
                // That message's fault, and nobody else's. The connection is in the midst of it: a new one is needed.
                await record([(consignment, consignment.recipients.map { _ in error.result })])
                turn.sent += 1
                turn.current = next(turn.destination, sent: turn.sent)
                return nil
            }
        }
        return nil
    }

    private func deliver(
        _ consignment: Consignment, by courier: any Conveyance
    ) async throws(Courier.Failure) -> [RecipientResult] {
        func all(_ reply: Reply) -> [RecipientResult] { consignment.recipients.map { _ in .permanent(reply) } }
        if consignment.needs.contains(.requireTLS), consignment.reversePath.address != nil, await !courier.isVerified {
            return all(.unverifiedServer)
        }
        switch try await prepare(consignment, for: await courier.extensions) {
        case .refused(let reply): return all(reply)
        case .message(let message):
            return try await courier.deliver(consignment, message) { (body, range) async throws(Courier.Failure) in
                try await self.piece(of: body, range)
            }
        }
    }

    private func more(_ turn: Turn) async -> Consignment? {
        if let next = next(turn.destination, sent: turn.sent) { return next }
        return await waitForMore(turn.destination, sent: turn.sent)
    }

    /// Nothing could be sent. When nobody else gets through, what waits behind it has the same end for this time.
    private func settle(_ consignment: Consignment, _ result: RecipientResult, _ destination: Destination) async {
        // Cut off by us: no attempt of theirs.
        if Task.isCancelled { return await giveBack(consignment.keys, at: now()) }
        guard isAlone(destination) else { return putBack(consignment, destination) }
        var all = [consignment]
        while let next = next(destination, sent: 0) { all.append(next) }
        await record(all.map { ($0, $0.recipients.map { _ in result }) })
    }
}

extension RecipientResult {
    fileprivate var isTemporary: Bool {
        if case .temporary = self { true } else { false }
    }
}

extension Reply {
    /// RFC 8689 §4.2.1.
    fileprivate static let unverifiedServer = Reply(
        550, "5.7.30", "The server cannot prove who it is over TLS, which the sender asks for")
}
