import Directory
import Execution
public import IMAP
import Logging
public import MailCore
import MessageStore
import NIOCore
import Observation
public import Transport

/// The server's half of one IMAP connection: performs on the store what the engine asks for.
public actor MailboxSession: Session {
    public typealias Engine = IMAP.ServerSession

    let services: Services
    let facts: ConnectionFacts
    let waker: ConnectionWaker
    /// Largest message that is taken, as it was announced (RFC 7889).
    let messageOctetsMax: Int
    let log: Logger
    /// Set by login.
    var account: Account?
    var selected: Selected?
    /// By NOTIFY (RFC 5465).
    var watch: Watch?
    /// Enabled so far.
    var features: Features = []
    /// The message of an APPEND that is too long for memory.
    var spool: Spool?
    /// The messages of an APPEND that has more to come.
    var staged: [NewMessage] = []

    var store: MessageStore { services.store }

    public init(services: Services, facts: ConnectionFacts, waker: ConnectionWaker, messageOctetsMax: Int) {
        self.services = services
        self.facts = facts
        self.waker = waker
        self.messageOctetsMax = messageOctetsMax
        var log = Log.logger("imap")
        log[metadataKey: "connection"] = "\(facts.identifier)"
        log[metadataKey: "client"] = "\(facts.remote.host)"
        self.log = log
    }

    public func perform(_ request: Engine.Request, _ responses: ResponseStream) async -> Engine.Answer {
        do {
            try await noteModSeqs(request, responses)
            try await refreshRights(request, responses)
            let answer = try await tellingProgress(of: request, responses) {
                try await self.answer(request, responses)
            }
            if request.isFollowedByChanges {
                let isDelayed = request == .notifications && watch?.notify.selected?.scope != .selected
                if !isUnwanted(after: request) {
                    await tellChanges(responses, expunges: request.allowsExpunges && !isDelayed)
                }
                await tellNotifications(responses)
            }
            return answer
        } catch let refusal as Refusal {
            return .done(refusal.completion)
        } catch let error as StoreError {
            if error.isOurs { log.error("\(request.name) failed", metadata: ["error": "\(error.diagnostic)"]) }
            return .done(error.completion)
        } catch let error as DirectoryError {
            log.error("\(request.name) failed", metadata: ["error": "\(error.diagnostic)"])
            return .done(error.completion)
        } catch let error as BrokenLiteral {
            log.error("\(request.name) broke off in a literal", metadata: ["error": "\(error.diagnostic)"])
            return .ended(.unavailable, "Internal failure")
        } catch {
            return .ended(nil, "The connection is lost")
        }
    }

    public func closed() async {
        await settleRecent()
        if let selected { await services.claims.settle(selected.mailbox) }
        selected = nil
        watch = nil
        spool = nil
        staged = []
    }

    private func answer(_ request: Engine.Request, _ responses: ResponseStream) async throws -> Engine.Answer {
        switch request {
        case .authenticate(let credentials): return await authenticate(credentials)
        case .findKeys(let login): return await findKeys(login)
        case .admit(let claim): return await admit(claim)
        case .select(let select): return try await self.select(select, examines: false, responses)
        case .examine(let select): return try await self.select(select, examines: true, responses)
        case .create(let name, let uses): return try await create(name, uses)
        case .delete(let name): return try await delete(name)
        case .rename(let old, let new): return try await rename(old, to: new)
        case .subscribe(let name): return try await subscribe(name)
        case .unsubscribe(let name): return try await unsubscribe(name)
        case .list(let list): return try await self.list(list, responses)
        case .lsub(let list): return try await lsub(list, responses)
        case .status(let name, let items): return try await status(name, items, responses)
        case .spool(let octets): return await spool(octets)
        case .stage(let append): return try await stage(append)
        case .discardSpool:
            spool = nil
            staged = []
            return .continued
        case .append(let append): return try await self.append(append, responses)
        case .sort(let sort): return try await self.sort(sort, responses)
        case .thread(let threading): return try await thread(threading, responses)
        case .multiSearch(let search): return try await multiSearch(search, responses)
        case .quotaRoot(let name): return try await quotaRoot(name, responses)
        case .quota(let root): return try await quota(root, responses)
        case .cancelUpdates(let tags): return cancelUpdates(tags)
        case .notify(let notify): return try await self.notify(notify, responses)
        case .notifications: return .continued
        case .getMetadata(let name, let query): return try await getMetadata(name, query, responses)
        case .setMetadata(let name, let changes): return try await setMetadata(name, changes)
        case .unauthenticate: return await unauthenticate()
        case .setACL(let name, let identifier, let change): return try await setACL(name, identifier, change)
        case .getACL(let name): return try await getACL(name, responses)
        case .listRights(let name, let identifier): return try await listRights(name, identifier, responses)
        case .myRights(let name): return try await myRights(name, responses)
        case .check, .noop: return .done(.ok)
        case .close: return try await close()
        case .unselect:
            selected = nil
            return .closed
        case .expunge(let uids): return try await expunge(uids, responses)
        case .search(let search): return try await self.search(search, responses)
        case .fetch(let fetch): return try await self.fetch(fetch, responses)
        case .store(let store): return try await storeFlags(store, responses)
        case .copy(let transfer): return try await copy(transfer)
        case .move(let transfer): return try await move(transfer, responses)
        case .idleStarted:
            selected?.notice.isIdling = true
            return .continued
        case .idleUpdates: return .continued
        case .idleEnded:
            selected?.notice.isIdling = false
            await settleRecent()
            return .continued
        case .namespace: return try await namespace(responses)
        case .id(let fields): return try await id(fields, responses)
        case .enable(let asked):
            features.formUnion(asked)
            return .continued
        case .logout:
            selected = nil
            return .continued
        }
    }

    /// Whose mailboxes.
    func owner() throws(Refusal) -> AccountID {
        guard let account else { throw Refusal(.bad("Log in first")) }
        return account.id
    }

    func view() throws(Refusal) -> Selected {
        guard let selected else { throw .notSelected }
        return selected
    }

    /// Sends in one piece what was made elsewhere.
    func send(_ output: ByteBuffer, _ responses: ResponseStream) async throws {
        guard output.readableBytes > 0 else { return }
        try await responses.write { $0.writeImmutableBuffer(output) }
    }

    /// Runs what may take longer than an event loop can wait.
    ///
    /// - Parameter isShort: what takes less than 100 µs stays on the loop.
    func onCPU<Outcome: Sendable>(
        unless isShort: Bool = false, _ work: @Sendable () async throws -> Outcome
    ) async throws -> Outcome {
        if isShort { return try await Self.leavingLoop(work) }
        return try await withTaskExecutorPreference(services.cpu) { try await Self.leavingLoop(work) }
    }

    /// Not isolated to the actor, so that the task moves to the executor it prefers.
    private nonisolated static func leavingLoop<Outcome: Sendable>(
        _ work: @Sendable () async throws -> Outcome
    ) async throws -> Outcome {
        try await work()
    }
}
