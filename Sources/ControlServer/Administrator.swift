public import Control
public import DNS
public import Directory
import Logging
public import MessageStore
import Observation

/// Does what the command line asks, in the running server or on a stopped store.
///
/// A service that is nil does not exist here: asking for it is answered so.
public struct Administrator: Sendable {
    let registry: Registry
    let storage: any AccountStorage
    private let store: MessageStore?
    let queue: (any QueueControl)?
    let backup: (any BackupControl)?
    let spam: (any SpamControl)?
    let status: (any StatusSource)?
    let resolver: (any Resolver)?
    let log = Log.logger("control")

    public init(
        registry: Registry, storage: any AccountStorage, store: MessageStore? = nil, queue: (any QueueControl)? = nil,
        backup: (any BackupControl)? = nil, spam: (any SpamControl)? = nil, status: (any StatusSource)? = nil,
        resolver: (any Resolver)? = nil
    ) {
        self.registry = registry
        self.storage = storage
        self.store = store
        self.queue = queue
        self.backup = backup
        self.spam = spam
        self.status = status
        self.resolver = resolver
    }

    /// Does one request.
    ///
    /// - Parameters:
    ///   - body: as many octets as the request announces.
    ///   - progress: is told sentences for the person who waits; must not block.
    public func perform(
        _ request: Request, body: [UInt8] = [], progress: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws(Failure) -> Outcome {
        switch request {
        case .domainAdd(let name, _, let other?): try await addDomain(name, aliasOf: other)
        case .domainAdd(let name, let postmaster, nil): try await addDomain(name, postmaster)
        case .domainList: try await listDomains()
        case .domainRemove(let name): try await removeDomain(name)
        case .mailboxAdd(let mailboxes, let skippingExisting): try await addMailboxes(mailboxes, skippingExisting)
        case .mailboxList(let domain): try await listMailboxes(domain)
        case .mailboxShow(let address): try await showMailbox(address)
        case .mailboxPassword(let address, let password): try await setPassword(address, password)
        case .mailboxRemove(let address): try await removeMailbox(address)
        case .mailboxForward(let address, let targets, let keepsCopy):
            try await forward(address, to: targets, keepsCopy: keepsCopy)
        case .mailboxSuspend(let address, let reason, let refusesMail):
            try await suspend(address, reason, refusesMail: refusesMail)
        case .mailboxResume(let address): try await resume(address)
        case .mailboxSet(let address, let change): try await changeMailbox(address, change)
        case .sendAsGrant(let address, let others): try await grantSendAs(address, others)
        case .sendAsRevoke(let address, let others): try await revokeSendAs(address, others)
        case .sendAsList(let address): try await listSendAs(address)
        case .aliasAdd(let address, let targets, let membersOnly): try await addAlias(address, targets, membersOnly)
        case .aliasPosters(let address, let membersOnly): try await setPosters(address, membersOnly)
        case .aliasList(let domain): try await listAliases(domain)
        case .aliasRemove(let address, let target): try await removeAlias(address, target)
        case .dkimGenerate(let domain, let selector): try await generateKeys(domain, selector)
        case .dkimRotate(let domain, let now): try await rotateKeys(domain, now: now)
        case .dkimRecords(let domain): try await listKeyRecords(domain)
        case .dkimVerify(let domain): try await verifyKeys(domain)
        case .queueList(let filter): try await listQueue(filter)
        case .queueRetry(let filter): try await retryQueue(filter)
        case .queueShow(let id): try await showQueued(id)
        case .queueHold(let filter, let reason): try await holdQueue(filter, reason)
        case .queueRelease(let filter): try await releaseQueue(filter)
        case .queueDrop(let filter, let reason): try await dropQueue(filter, reason)
        case .queueReroute(let filter, let route): try await rerouteQueue(filter, route)
        case .queueFinished(let filter): try await listFinished(filter)
        case .queueReasons: try await listReasons()
        case .queueRules: try await listQueueRules()
        case .queueRuleAdd(let filter, let reason): try await addQueueRule(filter, reason)
        case .queueRuleRemove(let id): try await removeQueueRule(id)
        case .suppressList: try await listSuppressed()
        case .suppressAdd(let address, let reason, let days): try await suppress(address, reason, days: days)
        case .suppressRemove(let address): try await unsuppress(address)
        case .quotaShow(let name): try await showQuota(name)
        case .quotaSet(let name, let change): try await setQuota(name, change)
        case .quotaRecalc(let address): try await recalculate(address)
        case .keptList(let address, let filter): try await listKept(address, filter)
        case .undelete(let address, let filter, let folder): try await undelete(address, filter, into: folder)
        case .folderShare(let address, let folder, let identifier, let rights):
            try await shareFolder(address, folder, with: identifier, rights)
        case .folderShares(let address, let folder): try await listShares(address, folder)
        case .messagePurge(let address, let message): try await purge(address, message)
        case .trace(let filter): try await trace(filter)
        case .check(let repairs, let readsBodies):
            try await check(repairs: repairs, readsBodies: readsBodies, progress)
        case .status: try await showStatus()
        case .spamLearn(let kind, let lengths): try await learn(kind, lengths, body)
        case .backupNow: try await makeBackup(progress)
        case .backupList: try await listBackups()
        case .backupVerify(let set): try await verifyBackup(set, progress)
        }
    }

    private func showStatus() async throws(Failure) -> Outcome {
        guard let status else { throw Self.missing("show the status", "no server serves this folder") }
        return Outcome("", reports: await status.reports())
    }

    /// Runs `body` and makes what it throws a failure of `tried`. Services may throw a `Failure` without one.
    func attempt<Value>(_ tried: String, _ body: () async throws -> Value) async throws(Failure) -> Value {
        do {
            return try await body()
        } catch var failure as Failure {
            if failure.tried.isEmpty { failure.tried = tried }
            throw failure
        } catch let error as DirectoryError {
            throw Failure(error, tried: tried)
        } catch let error as StoreError {
            throw Failure(error, tried: tried)
        } catch {
            log.error("a command failed", metadata: ["command": "\(tried)", "error": "\(error)"])
            throw Failure(.failed, "failed", tried: tried, obstacle: "\(error)")
        }
    }

    func store(to tried: String) throws(Failure) -> MessageStore {
        guard let store else { throw Self.missing(tried, "there is no store here") }
        return store
    }

    static func missing(_ tried: String, _ obstacle: String) -> Failure {
        Failure(.unreachable, "not-running", tried: tried, obstacle: obstacle, next: "Start the server and try again.")
    }
}
