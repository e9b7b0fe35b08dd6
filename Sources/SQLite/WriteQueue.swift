internal import Execution
internal import Synchronization

/// What waits for the writer: bounded, interactive requests first, one bulk request in each group.
final class WriteQueue: Sendable {
    enum Item {
        case group([WriteRequest])
        /// Work between two groups, outside of any transaction.
        case between([@Sendable (Writer) -> Void])
        case stopped
    }

    private struct State {
        var interactive: [WriteRequest] = []
        var bulk: [WriteRequest] = []
        var between: [@Sendable (Writer) -> Void] = []
        var octets = 0
        var isStopped = false
        var isWriterWaiting = false
    }

    private let state = Mutex(State())
    private let wakeUp = Semaphore()
    private let requestsMax: Int
    private let octetsMax: Int
    private let groupRequestsMax: Int
    private let groupOctetsMax: Int

    init(_ options: Database.Options) {
        requestsMax = options.queueRequestsMax
        octetsMax = options.queueOctetsMax
        groupRequestsMax = options.groupRequestsMax
        groupOctetsMax = options.groupOctetsMax
    }

    func add(_ request: WriteRequest, isBulk: Bool) throws(DatabaseError) {
        let (refusal, wakes) = state.withLock { state -> (DatabaseError?, Bool) in
            if state.isStopped { return (.closed, false) }
            let count = state.interactive.count + state.bulk.count
            // A single request larger than the bound is taken when nothing else waits.
            guard count < requestsMax, count == 0 || state.octets + request.octets <= octetsMax else {
                return (.busy, false)
            }
            if isBulk { state.bulk.append(request) } else { state.interactive.append(request) }
            state.octets += request.octets
            defer { state.isWriterWaiting = false }
            return (nil, state.isWriterWaiting)
        }
        if wakes { wakeUp.signal() }
        if let refusal { throw refusal }
    }

    func addBetween(_ work: @escaping @Sendable (Writer) -> Void) throws(DatabaseError) {
        let (isStopped, wakes) = state.withLock { state in
            if state.isStopped { return (true, false) }
            state.between.append(work)
            defer { state.isWriterWaiting = false }
            return (false, state.isWriterWaiting)
        }
        if wakes { wakeUp.signal() }
        if isStopped { throw .closed }
    }

    var count: Int { state.withLock { $0.interactive.count + $0.bulk.count } }

    /// What waits is still done; new requests are refused.
    func stop() {
        let wakes = state.withLock { state in
            state.isStopped = true
            defer { state.isWriterWaiting = false }
            return state.isWriterWaiting
        }
        if wakes { wakeUp.signal() }
    }

    /// Waits for work. Called by the writer's thread alone.
    func take() -> Item {
        while true {
            let item = state.withLock { state -> Item? in
                if !state.between.isEmpty {
                    defer { state.between = [] }
                    return .between(state.between)
                }
                let group = takeGroup(&state)
                if !group.isEmpty { return .group(group) }
                if state.isStopped { return .stopped }
                state.isWriterWaiting = true
                return nil
            }
            if let item { return item }
            wakeUp.wait()
        }
    }

    private func takeGroup(_ state: inout State) -> [WriteRequest] {
        var count = 0
        var octets = 0
        while count < min(state.interactive.count, groupRequestsMax) {
            let next = state.interactive[count].octets
            if count > 0 && octets + next > groupOctetsMax { break }
            octets += next
            count += 1
        }
        var group = Array(state.interactive[..<count])
        state.interactive.removeFirst(count)
        if !state.bulk.isEmpty {
            let request = state.bulk.removeFirst()
            octets += request.octets
            group.append(request)
        }
        state.octets -= octets
        return group
    }
}
