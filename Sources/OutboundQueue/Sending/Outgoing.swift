import MIME
import MessageStore
import NIOCore

/// A message in the form in which one server can have it.
struct Outgoing: Sendable {
    enum Form: Hashable, Sendable {
        case asItIs
        case converted(Conversion.Goal)
    }

    enum Content: Sendable {
        /// All of it.
        case memory(ByteBuffer)
        /// Too large for that: read piece by piece.
        case stored(BodyReference, octets: Int)
    }

    var form: Form
    var content: Content
    /// What goes in front: signatures.
    var preceding = ByteBuffer()
    var facts: LineFacts
    /// Octets above 127 stand in its header.
    var hasEightBitHeader: Bool
    /// To go by BDAT, octet by octet.
    var isBinary = false
    /// Of a large message that is in memory.
    var permit: Gate.Permit?

    var contentOctets: Int {
        switch content {
        case .memory(let octets): octets.readableBytes
        case .stored(_, let octets): octets
        }
    }

    var octetCount: Int { preceding.readableBytes + contentOctets }
}

/// Lets a few in at a time: what they hold is large.
actor Gate {
    /// As long as somebody has it, he is inside.
    final class Permit: Sendable {
        private let gate: Gate

        fileprivate init(_ gate: Gate) { self.gate = gate }

        deinit { Task { [gate] in await gate.leave() } }
    }

    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ most: Int) { free = most }

    func enter() async -> Permit {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
        return Permit(self)
    }

    private func leave() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}
