import Logging
import MailCore
import MessageStore
import SMTP

/// From the store into memory, and from there to workers, one connection each.
extension Runner {
    /// What is over a destination's share in memory is looked at again after so long, a share at a time, so that it does
    /// not stand before the mail of others.
    private static let postponedSeconds: Int64 = 10
    /// Messages that a worker sends before it makes room for a destination that nobody works on.
    static let messagesPerTurn = 20

    /// Leases the next that are due and hands them to their destinations: a person's mail first, and bulk only while it
    /// leaves room in memory for that.
    ///
    /// - Returns: whether more may be due.
    func takeWhatIsDue() async throws(StoreError) -> Bool {
        let hasMore = try await take(.person)
        guard heldCount < options.heldMax / 2 else { return hasMore }
        return try await take(.bulk) || hasMore
    }

    private func take(_ priority: QueuePriority) async throws(StoreError) -> Bool {
        let due = try await store.dueQueue(priority, now: now(), limit: options.batchMax)
        guard !due.isEmpty else { return false }
        // The lease ends with this process; were it written as ending later, the next start would wait for that.
        let leased = Set(try await store.leaseQueue(due.map(\.key), owner: owner, until: now()))
        var postponed: [Int64: [QueueKey]] = [:]
        let taken = due.filter { leased.contains($0.key) }
        let mine: [QueuedRecipient]
        do throws(StoreError) {
            mine = try await withoutSuppressed(taken)
        } catch {
            // Else they would stay leased until the next start.
            await giveBack(taken.map(\.key), at: now())
            throw error
        }
        for (destination, consignments) in Consignment.grouped(mine, by: { destination(of: $0) }) {
            for consignment in consignments {
                if lines[destination, default: Line()].recipientCount >= share(of: destination) {
                    let at = lines[destination, default: Line()].postpone(
                        consignment.recipients.count, now: now(), windowMax: share(of: destination),
                        windowSeconds: Self.postponedSeconds)
                    postponed[at, default: []] += consignment.keys
                } else {
                    lines[destination, default: Line()].append(consignment)
                    heldCount += consignment.recipients.count
                }
            }
            wakeIdle(destination)
            startWorkers(for: destination)
        }
        for (at, keys) in postponed { try await store.releaseQueue(keys, now: at) }
        return due.count == options.batchMax
    }

    /// What was suppressed by command is for nobody; what bounced before is not for bulk, while a person may try again.
    private func withoutSuppressed(_ due: [QueuedRecipient]) async throws(StoreError) -> [QueuedRecipient] {
        let known = try await store.suppressed(due.map(\.recipient), now: now())
        guard !known.isEmpty else { return due }
        var kept: [QueuedRecipient] = []
        var dead: [(consignment: Consignment, results: [RecipientResult])] = []
        for recipient in due {
            guard let entry = known[recipient.recipient], entry.expiresAt == nil || recipient.priority == .bulk else {
                kept.append(recipient)
                continue
            }
            let reply = Reply(550, "5.7.1", "Not sent: this address is on the suppression list (\(entry.reason))")
            dead.append((Consignment(recipient), [.permanent(reply)]))
        }
        await record(dead)
        return kept
    }

    /// Recipients of one destination in memory; where there is only one, nobody stands behind it, and `heldMax` bounds it.
    private func share(of destination: Destination) -> Int {
        if case .direct = destination.route { options.heldPerDestinationMax } else { Int.max }
    }

    /// One connection for each five messages: most are sent faster than a connection is opened. Of the connections bulk
    /// leaves some, to its own destination and in all, so that a person's mail need not wait for slow servers.
    private func startWorkers(for destination: Destination) {
        guard let line = lines[destination], !line.isEmpty, !isStopped else { return }
        let most = limits(of: destination).connectionsMax
        let mine = line.hasPersons || most == 1 ? most : most - 1
        let all = line.hasPersons ? options.connectionsMax : max(1, options.connectionsMax * 3 / 4)
        let wanted = min(mine, (line.count + 4) / 5)
        while lines[destination, default: Line()].workers < wanted, workers.count < all {
            startWorker(destination)
        }
        if lines[destination]?.workers == 0 { waitForWorker(destination) }
    }

    private func startWorker(_ destination: Destination) {
        lines[destination, default: Line()].workers += 1
        let number = nextWorker
        nextWorker += 1
        workers[number] = Task(executorPreference: executor?()) { [self] in await work(number, on: destination) }
    }

    private func work(_ number: Int, on destination: Destination) async {
        switch destination.route {
        case .captured(let folder): await capture(in: folder, of: destination)
        case .relay, .direct: await send(to: destination)
        }
        workerEnded(number, destination)
    }

    private func workerEnded(_ number: Int, _ destination: Destination) {
        workers[number] = nil
        lines[destination]?.workers -= 1
        if let line = lines[destination], line.workers == 0 {
            if line.isEmpty { lines[destination] = nil } else if !isStopped { waitForWorker(destination) }
        }
        guard !isStopped, workers.count < options.connectionsMax, !unserved.isEmpty else { return }
        let place = unserved.firstIndex { lines[$0]?.hasPersons == true } ?? unserved.startIndex
        let next = unserved.remove(at: place)
        lines[next]?.isUnserved = false
        startWorkers(for: next)
    }

    private func waitForWorker(_ destination: Destination) {
        guard lines[destination]?.isUnserved == false else { return }
        lines[destination]?.isUnserved = true
        unserved.append(destination)
        dismissIdle()
    }

    /// The next consignment for a worker that has sent `sent`; nil when it should end.
    func next(_ destination: Destination, sent: Int) -> Consignment? {
        guard !isStopped, sent < Self.messagesPerTurn || unserved.isEmpty, lines[destination]?.isEmpty == false
        else { return nil }
        guard passes(destination) else {
            holdBack(destination)
            return nil
        }
        guard let next = lines[destination]?.takeFirst() else { return nil }
        heldCount -= next.recipients.count
        roomWasMade()
        return next
    }

    /// A destination that has had its share of this minute gets the rest in the next.
    private func holdBack(_ destination: Destination) {
        guard let line = lines[destination] else { return }
        let (keys, at) = (line.all.flatMap(\.keys), paces[destination]?.nextAt ?? now() + 60)
        while let consignment = lines[destination]?.takeFirst() { heldCount -= consignment.recipients.count }
        roomWasMade()
        let number = nextWorker
        nextWorker += 1
        workers[number] = Task {
            await giveBack(keys, at: at)
            workers[number] = nil
        }
    }

    /// Another worker has a connection and is to take it; it may be waiting for more.
    func putBack(_ consignment: Consignment, _ destination: Destination) {
        lines[destination, default: Line()].append(consignment)
        heldCount += consignment.recipients.count
        wakeIdle(destination)
    }

    /// Nobody else works on this destination.
    func isAlone(_ destination: Destination) -> Bool { lines[destination]?.workers == 1 }

    /// Ends the leases of what was not begun.
    func giveBackHeld() async {
        let keys = lines.values.flatMap { $0.all.flatMap(\.keys) }
        lines = lines.filter { $0.value.workers > 0 }
        heldCount = 0
        await giveBack(keys, at: now())
    }

    func giveBack(_ keys: [QueueKey], at: Int64) async {
        guard !keys.isEmpty else { return }
        do throws(StoreError) {
            try await store.releaseQueue(keys, now: at)
        } catch {
            // The next start ends all leases in any case.
            log.warning("leases cannot be given back", metadata: ["error": "\(error.diagnostic)"])
        }
    }
}
