import Directory
import Logging
public import MailCore
import MessageStore
import NIOCore
import Observation
public import POP3
public import Transport

/// The server's half of one POP3 connection: performs on the store what the engine asks for.
public actor MaildropSession: Session {
    public typealias Engine = POP3.ServerSession

    let services: Services
    let log: Logger
    /// The hold of the maildrop, or the wait for it.
    var claim: MaildropLocks.Claim?
    /// From the login on.
    var maildrop: OpenMaildrop?
    var isClosed = false

    var store: MessageStore { services.store }

    public init(services: Services, facts: ConnectionFacts) {
        self.services = services
        var log = Log.logger("pop3")
        log[metadataKey: "connection"] = "\(facts.identifier)"
        log[metadataKey: "client"] = "\(facts.remote.host)"
        self.log = log
    }

    public func perform(_ request: Engine.Request, _ responses: ResponseStream) async -> Engine.Answer {
        switch request {
        case .authenticate(let credentials): return await authenticate(credentials, responses)
        case .findKeys(let login): return await findKeys(login)
        case .admit(let claim): return await admit(claim, responses)
        case .retrieve(let index, let isUTF8):
            let answer = await send(
                index, LineStuffer(), firstOctets: Self.pieceOctets, isUTF8: isUTF8, responses)
            if answer == .done {
                POP3Counters.retrieved.increment()
                maildrop?.fetched.insert(index)
            }
            return answer
        case .top(let index, let lines, let isUTF8):
            let stuffer = LineStuffer(bodyLinesMax: lines)
            return await send(
                index, stuffer, firstOctets: min(lines, 1_000) * 80, isUTF8: isUTF8, responses)
        case .uniqueIDs(let indexes): return await uniqueIDs(of: indexes)
        case .send(let piece):
            await send(piece, responses)
            return .done
        case .commit(let indexes): return await commit(indexes)
        case .logout:
            await recordFetches()
            leave()
            return .done
        }
    }

    /// The connection is gone, by FIN or by a time-out: nothing is removed, and the next login need not wait.
    public func closed() async {
        isClosed = true
        await recordFetches()
        leave()
    }

    /// Frees the lock and what was known of the maildrop.
    func leave() {
        claim?.end()
        claim = nil
        maildrop = nil
    }

    func failed(_ what: String, _ error: StoreError) -> Engine.Answer {
        log.error("\(what) failed", metadata: ["error": "\(error.diagnostic)"])
        return .failed(error.failure)
    }
}
