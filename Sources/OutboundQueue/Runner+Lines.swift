import Logging
import MessageStore

/// From the store into memory, and from there to workers, one connection each.
extension Runner {
    /// What is over a destination's share in memory is looked at again after so long, a share at a time, so that it does
    /// not stand before the mail of others.
    private static let postponedSeconds: Int64 = 10
    /// Messages that a worker sends before it makes room for a destination that nobody works on.
    static let messagesPerTurn = 20

    /// Leases the next that are due and hands them to their destinations.
    ///
    /// - Returns: whether more may be due.
    func takeWhatIsDue() async throws(StoreError) -> Bool {
        let due = try await store.dueQueue(now: now(), limit: options.batchMax)
        guard !due.isEmpty else { return false }
        // The lease ends with this process; were it written as ending later, the next start would wait for that.
        let leased = Set(try await store.leaseQueue(due.map(\.key), owner: owner, until: now()))
        var postponed: [Int64: [QueueKey]] = [:]
        let mine = due.filter { leased.contains($0.key) }
        for (destination, consignments) in Consignment.grouped(mine, by: { destination(of: $0) }) {
            for consignment in consignments {
                if lines[destination, default: Line()].recipientCount >= share {
                    let at = lines[destination, default: Line()].postpone(
                        consignment.recipients.count, now: now(), windowMax: share, windowSeconds: Self.postponedSeconds
                    )
                    postponed[at, default: []] += consignment.keys
                } else {
                    lines[destination, default: Line()].append(consignment)
                    heldCount += consignment.recipients.count
                }
            }
            startWorkers(for: destination)
        }
        for (at, keys) in postponed { try await store.releaseQueue(keys, now: at) }
        return due.count == options.batchMax
    }

    /// Recipients of one destination in memory; where there is only one, nobody stands behind it, and `heldMax` bounds it.
    private var share: Int {
        if case .exchangers = options.route { options.heldPerDestinationMax } else { Int.max }
    }

    private func destination(of recipient: QueuedRecipient) -> String {
        switch options.route {
        case .captured: "captured"
        case .relayed(let host, let port): "\(host):\(port)"
        case .exchangers: recipient.routeDomain
        }
    }

    /// One connection for each five messages: most are sent faster than a connection is opened.
    private func startWorkers(for destination: String) {
        guard let line = lines[destination], !line.isEmpty, !isStopped else { return }
        let wanted = min(options.connectionsPerDestinationMax, (line.count + 4) / 5)
        while lines[destination, default: Line()].workers < wanted, workers.count < options.connectionsMax {
            startWorker(destination)
        }
        if lines[destination]?.workers == 0, !unserved.contains(destination) { unserved.append(destination) }
    }

    private func startWorker(_ destination: String) {
        lines[destination, default: Line()].workers += 1
        let number = nextWorker
        nextWorker += 1
        workers[number] = Task {
            switch options.route {
            case .captured(let folder): await capture(in: folder, of: destination)
            case .relayed, .exchangers: await send(to: destination)
            }
            workerEnded(number, destination)
        }
    }

    private func workerEnded(_ number: Int, _ destination: String) {
        workers[number] = nil
        lines[destination]?.workers -= 1
        if let line = lines[destination], line.workers == 0 {
            if line.isEmpty { lines[destination] = nil } else if !isStopped { unserved.append(destination) }
        }
        guard !isStopped, workers.count < options.connectionsMax, !unserved.isEmpty else { return }
        startWorkers(for: unserved.removeFirst())
    }

    /// The next consignment for a worker that has sent `sent`; nil when it should end.
    func next(_ destination: String, sent: Int) -> Consignment? {
        guard !isStopped, sent < Self.messagesPerTurn || unserved.isEmpty else { return nil }
        guard let next = lines[destination]?.takeFirst() else { return nil }
        heldCount -= next.recipients.count
        roomWasMade()
        return next
    }

    /// Another worker has a connection and is to take it.
    func putBack(_ consignment: Consignment, _ destination: String) {
        lines[destination, default: Line()].append(consignment)
        heldCount += consignment.recipients.count
    }

    /// Nobody else works on this destination.
    func isAlone(_ destination: String) -> Bool { lines[destination]?.workers == 1 }

    /// Ends the leases of what was not begun.
    func giveBackHeld() async {
        let keys = lines.values.flatMap { $0.all.flatMap(\.keys) }
        lines = lines.filter { $0.value.workers > 0 }
        heldCount = 0
        await giveBack(keys)
    }

    func giveBack(_ keys: [QueueKey]) async {
        guard !keys.isEmpty else { return }
        do throws(StoreError) {
            try await store.releaseQueue(keys, now: now())
        } catch {
            // The next start ends all leases in any case.
            log.warning("leases cannot be given back", metadata: ["error": "\(error.diagnostic)"])
        }
    }
}
