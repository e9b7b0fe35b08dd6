import Glibc
import Synchronization

/// A look-up on its way to the resolver's thread.
struct Question: Sendable {
    var identifier: UInt64
    var name: String
    var type: RecordType
    var continuation: CheckedContinuation<Answer, Never>
}

/// What callers leave for the resolver's thread, and the eventfd that wakes it.
final class LookupInbox: Sendable {
    enum Order: Sendable {
        case start(Question)
        case cancel(UInt64)
    }

    private struct State {
        var orders: [Order] = []
        var outstanding = 0
        var nextIdentifier: UInt64 = 0
        var isStopped = false
        /// The thread has taken its last orders; the descriptor is closed.
        var isClosed = false
    }

    let descriptor: Int32
    private let outstandingMax: Int
    private let state = Mutex(State())

    init(descriptor: Int32, outstandingMax: Int) {
        self.descriptor = descriptor
        self.outstandingMax = outstandingMax
    }

    /// A place among the outstanding look-ups, given back by `release`; nil when all are taken.
    func reserve() -> UInt64? {
        state.withLock { state in
            guard !state.isStopped, state.outstanding < outstandingMax else { return nil }
            state.outstanding += 1
            state.nextIdentifier &+= 1
            return state.nextIdentifier
        }
    }

    func release() {
        state.withLock { $0.outstanding -= 1 }
    }

    func put(_ order: Order) {
        let isClosed = state.withLock { state in
            guard !state.isClosed else { return true }
            state.orders.append(order)
            wake()
            return false
        }
        if isClosed, case .start(let question) = order {
            question.continuation.resume(returning: .temporaryFailure("the resolver was stopped"))
        }
    }

    func stop() {
        state.withLock { state in
            state.isStopped = true
            if !state.isClosed { wake() }
        }
    }

    /// All orders since the last call; nil once the resolver is to stop.
    func take() -> [Order]? {
        state.withLock { state in
            if state.isStopped { return nil }
            var count: UInt64 = 0
            _ = read(descriptor, &count, 8)
            let orders = state.orders
            state.orders = []
            return orders
        }
    }

    /// Takes the orders that nobody will carry out. Nothing is accepted after it.
    func close() -> [Order] {
        state.withLock { state in
            state.isClosed = true
            Glibc.close(descriptor)
            let orders = state.orders
            state.orders = []
            return orders
        }
    }

    /// Under the lock, so that the descriptor is open.
    private func wake() {
        var one: UInt64 = 1
        _ = write(descriptor, &one, 8)
    }
}
