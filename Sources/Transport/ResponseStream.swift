public import NIOCore
import Synchronization

/// Takes what a session sends before its engine's reply; in pieces, as the client takes them.
///
/// At most `pendingOctetsMax` wait for a client that does not read; `write` suspends until there is room, so that a
/// large answer is never one value in memory.
public final class ResponseStream: Sendable {
    /// The connection is gone: there is nobody to write to.
    public struct Closed: Error {}

    private struct State {
        var buffer: ByteBuffer
        /// Handed to the channel and not yet taken by the system, in octets.
        var pending = 0
        var isClosed = false
        var waiter: CheckedContinuation<Void, any Error>?
    }

    static let pieceOctets = 65_536
    static let pendingOctetsMax = 262_144

    private let channel: any Channel
    private let state: Mutex<State>

    init(channel: any Channel) {
        self.channel = channel
        state = Mutex(State(buffer: ByteBuffer()))
    }

    /// Appends to the answer; sends it once 64 KiB are there.
    ///
    /// - Throws: `Closed`, or what `body` throws.
    public func write(_ body: (inout ByteBuffer) throws -> Void) async throws {
        let isFull = try state.withLock { state in
            guard !state.isClosed else { throw Closed() }
            try body(&state.buffer)
            return state.buffer.readableBytes >= Self.pieceOctets
        }
        if isFull { try await flush() }
    }

    /// Sends what was written, and waits while more than `pendingOctetsMax` are on their way.
    public func flush() async throws {
        let piece = try state.withLock { state in
            guard !state.isClosed else { throw Closed() }
            let piece = state.buffer
            state.buffer = ByteBuffer()
            state.pending += piece.readableBytes
            return piece
        }
        if piece.readableBytes > 0 {
            let octets = piece.readableBytes
            channel.writeAndFlush(piece).whenComplete { [self] result in sent(octets, result) }
        }
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            let outcome: Result<Void, any Error>? = state.withLock { state in
                if state.isClosed { return .failure(Closed()) }
                if state.pending <= Self.pendingOctetsMax { return .success(()) }
                state.waiter = continuation
                return nil
            }
            if let outcome { continuation.resume(with: outcome) }
        }
    }

    /// Replies that go out before what the next request writes.
    func hold(_ replies: ByteBuffer) {
        guard replies.readableBytes > 0 else { return }
        state.withLock { state in
            if state.buffer.readableBytes == 0 {
                state.buffer = replies
            } else {
                state.buffer.writeImmutableBuffer(replies)
            }
        }
    }

    /// What was written and not sent yet: goes out together with the engine's reply.
    func takeRest() -> ByteBuffer {
        state.withLock { state in
            let rest = state.buffer
            state.buffer = ByteBuffer()
            return rest
        }
    }

    func close() {
        let waiter = state.withLock { state in
            state.isClosed = true
            state.buffer = ByteBuffer()
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(throwing: Closed())
    }

    private func sent(_ octets: Int, _ result: Result<Void, any Error>) {
        if case .failure = result { return close() }
        let waiter = state.withLock { state in
            state.pending -= octets
            guard state.pending <= Self.pendingOctetsMax / 2 else {
                return nil as CheckedContinuation<Void, any Error>?
            }
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }
}
