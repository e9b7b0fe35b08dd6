import ScannerWire

/// One request on its way: what goes out, and who waits for the answer.
struct Exchange: Sendable {
    enum Reply: Sendable {
        case answer(Answer.Body)
        case unavailable(reason: String)
    }

    let id: UInt32
    let datagram: [UInt8]
    /// What goes with a scan.
    let handover: Handover?
    /// On the clock of `Clock.now()`.
    let deadline: Int
    let continuation: CheckedContinuation<Reply, Never>

    var isScan: Bool { handover != nil }
}
