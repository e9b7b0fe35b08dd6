import ScannerWire

/// All requests that are not answered yet, and whether there is a scanner to answer them. Guarded by `Link`'s mutex.
struct ExchangeTable {
    enum Phase {
        case starting
        case running
        /// Requests are turned away.
        case down(reason: String)
    }

    var phase = Phase.starting
    var restarts = 0
    var process: Int32 = 0
    private var nextID: UInt32 = 1
    private var sent: [UInt32: Exchange] = [:]
    private var sentScans = 0
    /// Scans that wait for a place among those sent; then everything else, which goes first.
    private var waitingScans: [UInt32: Exchange] = [:]
    private var scanOrder = Fifo<UInt32>()
    private var waitingOthers: [UInt32: Exchange] = [:]
    private var otherOrder = Fifo<UInt32>()
    private var memoryOctets = 0

    var pending: Int { sent.count + waitingScans.count + waitingOthers.count }

    mutating func takeID() -> UInt32 {
        defer { nextID = nextID == .max ? 1 : nextID + 1 }
        return nextID
    }

    /// Why a request is turned away, or nil when it waits now.
    mutating func add(_ exchange: Exchange, _ configuration: ScannerConfiguration) -> String? {
        if case .down(let reason) = phase { return reason }
        if let handover = exchange.handover {
            guard waitingScans.count < configuration.queueMax,
                memoryOctets + handover.memoryOctets <= configuration.queueOctetsMax
            else { return "too many messages wait for the scanner" }
            memoryOctets += handover.memoryOctets
            waitingScans[exchange.id] = exchange
            scanOrder.append(exchange.id)
        } else {
            guard waitingOthers.count < configuration.queueMax else { return "too many questions wait for the scanner" }
            waitingOthers[exchange.id] = exchange
            otherOrder.append(exchange.id)
        }
        return nil
    }

    /// What to send next; counted as sent.
    mutating func next(scansMax: Int) -> Exchange? {
        while let id = otherOrder.popFirst() {
            guard let exchange = waitingOthers.removeValue(forKey: id) else { continue }  // Gone meanwhile.
            sent[id] = exchange
            return exchange
        }
        guard sentScans < scansMax else { return nil }
        while let id = scanOrder.popFirst() {
            guard let exchange = waitingScans.removeValue(forKey: id) else { continue }
            sent[id] = exchange
            sentScans += 1
            return exchange
        }
        return nil
    }

    /// Takes a request out, wherever it is.
    mutating func remove(_ id: UInt32) -> Exchange? {
        let exchange: Exchange
        if let found = sent.removeValue(forKey: id) {
            if found.isScan { sentScans -= 1 }
            exchange = found
        } else if let found = waitingScans.removeValue(forKey: id) ?? waitingOthers.removeValue(forKey: id) {
            exchange = found
        } else {
            return nil
        }
        memoryOctets -= exchange.handover?.memoryOctets ?? 0
        return exchange
    }

    /// Puts back what the socket had no room for; it goes first.
    mutating func unsend(_ exchange: Exchange) {
        guard sent.removeValue(forKey: exchange.id) != nil else { return }
        if exchange.isScan {
            sentScans -= 1
            waitingScans[exchange.id] = exchange
            scanOrder.prepend(exchange.id)
        } else {
            waitingOthers[exchange.id] = exchange
            otherOrder.prepend(exchange.id)
        }
    }

    /// Takes out what was sent, with `alsoWaiting` everything.
    mutating func removeAll(alsoWaiting: Bool) -> [Exchange] {
        var ids = Array(sent.keys)
        if alsoWaiting { ids += Array(waitingScans.keys) + Array(waitingOthers.keys) }
        return ids.compactMap { remove($0) }
    }

    mutating func removeExpired(now: Int) -> [Exchange] {
        var ids: [UInt32] = []
        for table in [sent, waitingScans, waitingOthers] {
            for exchange in table.values where exchange.deadline <= now { ids.append(exchange.id) }
        }
        return ids.compactMap { remove($0) }
    }
}
