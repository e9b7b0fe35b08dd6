import MailCore
import MessageStore
import NIOCore

/// What the store told of the messages that a client is likely to ask for next.
///
/// Who fetches one message after the other is given more ahead each time, up to 256 messages and 512 KiB of their
/// octets; who asks for one here and there costs little.
struct ReadAhead: Sendable {
    /// Where a message's octets are.
    struct Source: Sendable {
        /// The account's own header lines, in front of the body.
        var prefix: ByteBuffer
        /// Octets of the body's header with its empty line.
        var headerOctets: Int
        /// Nil when the store has no body to the message: damage.
        var body: BodyReference?
        /// The whole body, when it was read ahead.
        var octets: ByteBuffer?
    }

    static let messagesMin = 8
    static let messagesMax = 256
    /// For each message read ahead; bodies above that on the average make fewer come at once.
    static let octetsAMessage = 2_048
    /// A body above this is never read as a whole.
    static let wholeBodyOctetsMax = 65_536

    /// Indexes of the messages that `sources` are.
    private(set) var indexes = 0..<0
    /// Nil for a message that was expunged.
    private var sources: [Source?] = []
    private var messages = messagesMin
    /// The index that a client asks for who fetches one after the other.
    private var next = 0
    private var isInOrder = false

    /// Notes which message is wanted, and says which ones to load if it is not there; nil when it is.
    mutating func want(_ index: Int, of count: Int) -> Range<Int>? {
        isInOrder = index == next
        next = index + 1
        if indexes.contains(index) { return nil }
        messages = isInOrder && index > 0 ? min(messages * 4, Self.messagesMax) : Self.messagesMin
        return index..<min(count, index + messages)
    }

    mutating func loaded(_ indexes: Range<Int>, _ sources: [Source?]) {
        self.indexes = indexes
        self.sources = sources
    }

    /// Forgets what was loaded.
    mutating func clear() {
        indexes = 0..<0
        sources = []
        messages = Self.messagesMin
    }

    /// The message in that place, which must be loaded; nil when it was expunged.
    func source(_ index: Int) -> Source? { indexes.contains(index) ? sources[index - indexes.lowerBound] : nil }

    /// The messages whose bodies to read now, beginning with `index`: small ones, and no more than are of use.
    func bodiesToRead(from index: Int) -> [(index: Int, body: BodyReference)] {
        var result: [(index: Int, body: BodyReference)] = []
        var octets = 0
        for index in index..<max(index, indexes.upperBound) {
            guard let source = source(index), let body = source.body else { continue }
            octets += body.octetCount
            let isFirst = result.isEmpty
            guard body.octetCount <= Self.wholeBodyOctetsMax, source.octets == nil,
                isFirst || octets <= messages * Self.octetsAMessage
            else { break }
            result.append((index, body))
            if !isInOrder { break }
        }
        return result
    }

    mutating func keep(_ octets: ByteBuffer, of index: Int) {
        guard indexes.contains(index) else { return }
        sources[index - indexes.lowerBound]?.octets = octets
    }

    /// Takes the octets out: a message is seldom asked for twice.
    mutating func takeOctets(of index: Int) -> ByteBuffer? {
        guard indexes.contains(index) else { return nil }
        let octets = sources[index - indexes.lowerBound]?.octets
        sources[index - indexes.lowerBound]?.octets = nil
        return octets
    }
}
