import NIOCore
import NIOTLS
import Synchronization

/// What came in on a `ClientConnection`, and who waits for it.
final class ClientInbox: Sendable {
    private struct State {
        var octets = ByteBuffer()
        var ended: ClientConnection.Failure?
        var waiter: CheckedContinuation<ByteBuffer, any Error>?
        /// Counts the reads, so that the timer of one cannot end the next.
        var reads = 0
        /// The read whose time was over before it came to wait.
        var expiredRead = 0
        var handshake: EventLoopPromise<Void>?
        var channel: (any Channel)?
        var isCancelled = false
    }

    private let state = Mutex(State())

    /// The number of the read that begins.
    func beginRead() -> Int {
        state.withLock { state in
            state.reads += 1
            return state.reads
        }
    }

    /// True when nothing was there and a read is due.
    func wait(_ continuation: CheckedContinuation<ByteBuffer, any Error>) -> Bool {
        let ready: Result<ByteBuffer, any Error>? = state.withLock { state in
            if state.octets.readableBytes > 0 {
                defer { state.octets = ByteBuffer() }
                return .success(state.octets)
            }
            if let ended = state.ended { return .failure(ended) }
            if state.expiredRead == state.reads { return .failure(ClientConnection.Failure.timedOut) }
            state.waiter = continuation
            return nil
        }
        guard let ready else { return true }
        continuation.resume(with: ready)
        return false
    }

    func receive(_ part: ByteBuffer) {
        var part = part
        let waiter = state.withLock { state -> CheckedContinuation<ByteBuffer, any Error>? in
            guard let waiter = state.waiter else {
                state.octets.writeBuffer(&part)
                return nil
            }
            state.waiter = nil
            return waiter
        }
        waiter?.resume(returning: part)
    }

    var isAwaited: Bool { state.withLock { $0.waiter != nil || $0.handshake != nil } }

    /// That read has lasted long enough; the connection stays.
    func timeOut(read: Int) {
        let waiter = state.withLock { state -> CheckedContinuation<ByteBuffer, any Error>? in
            guard state.reads == read else { return nil }
            state.expiredRead = read
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(throwing: ClientConnection.Failure.timedOut)
    }

    /// Nothing comes any more.
    func end(_ failure: ClientConnection.Failure) {
        let (waiter, handshake) = state.withLock { state in
            if state.ended == nil { state.ended = failure }
            defer {
                state.waiter = nil
                state.handshake = nil
            }
            return (state.waiter, state.handshake)
        }
        waiter?.resume(throwing: failure)
        handshake?.fail(failure)
    }

    // MARK: Handshake

    func expectHandshake(_ promise: EventLoopPromise<Void>) {
        let ended = state.withLock { state in
            if state.ended == nil { state.handshake = promise }
            return state.ended
        }
        if let ended { promise.fail(ended) }
    }

    func endHandshake(_ outcome: Result<Void, any Error>) {
        let handshake = state.withLock { state in
            defer { state.handshake = nil }
            return state.handshake
        }
        handshake?.completeWith(outcome)
    }

    // MARK: Cancellation

    /// The channel, before it is connected: a task that is cancelled closes it.
    func opened(_ channel: any Channel) {
        let isCancelled = state.withLock { state in
            state.channel = channel
            return state.isCancelled
        }
        if isCancelled { channel.close(promise: nil) }
    }

    func cancel() {
        let channel = state.withLock { state in
            state.isCancelled = true
            return state.channel
        }
        channel?.close(promise: nil)
        end(.closed)
    }
}

final class ClientInboxHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let inbox: ClientInbox

    init(_ inbox: ClientInbox) { self.inbox = inbox }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { inbox.receive(unwrapInboundIn(data)) }

    func channelReadComplete(context: ChannelHandlerContext) {
        if inbox.isAwaited { context.read() }
        context.fireChannelReadComplete()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted = event as? TLSUserEvent { inbox.endHandshake(.success(())) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        inbox.endHandshake(.failure(error))
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        inbox.end(.closed)
        context.fireChannelInactive()
    }
}
