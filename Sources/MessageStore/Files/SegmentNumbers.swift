internal import Synchronization

/// The numbers of segment files, each given once, to any thread.
///
/// The index reserves them ahead: a number at or below what it reserved may be that of a file whose transaction never
/// came, and is not given again after a start.
final class SegmentNumbers: Sendable {
    private struct State {
        var next: Int64
        var reserved: Int64
        var wanted: Int64
        /// Taken, and borne by no file.
        var returned: [Int64] = []
    }

    static let reservedAhead: Int64 = 256
    private let state: Mutex<State>

    /// - Parameter reserved: what the index holds now.
    init(next: Int64, reserved: Int64) {
        state = Mutex(State(next: next, reserved: reserved, wanted: max(reserved, next + Self.reservedAhead)))
    }

    /// - Throws: `busy` when all that are reserved were given: more follow with the next transaction.
    func take() throws(StoreError) -> Int64 {
        let taken = state.withLock { state -> Int64? in
            if let returned = state.returned.popLast() { return returned }
            guard state.next <= state.reserved else { return nil }
            defer { state.next += 1 }
            if state.reserved - state.next < Self.reservedAhead / 2 { state.wanted = state.next + Self.reservedAhead }
            return state.next
        }
        guard let taken else { throw .busy }
        return taken
    }

    /// Of a number whose file could not be made: the next that is taken is this one.
    func giveBack(_ number: Int64) { state.withLock { $0.returned.append(number) } }

    /// Nothing can be taken before the next transaction.
    var isExhausted: Bool { state.withLock { $0.returned.isEmpty && $0.next > $0.reserved } }

    /// What the next transaction should reserve; nil when enough is.
    var unrecorded: Int64? { state.withLock { $0.wanted > $0.reserved ? $0.wanted : nil } }

    func recorded(_ reserved: Int64) { state.withLock { $0.reserved = max($0.reserved, reserved) } }
}
