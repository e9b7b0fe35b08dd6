import MailCore
import NIOCore
import NIOSSL
import NIOTLS
import Observation

/// Connects one socket to one engine; the same for every protocol.
///
/// No task exists while a client is idle. While a request is performed nothing is read from the client: that is the
/// back-pressure. Runs on the channel's event loop.
final class ConnectionHandler<Served: Session>: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var engine: Served.Engine
    private let session: Served
    private let waker: ConnectionWaker
    private let tls: TLSContexts?
    private let executor: LoopExecutor
    /// What came and was not consumed. Owned here, so that octets sent in clear behind STARTTLS are seen.
    private var input = ByteBuffer()
    private var responses: ResponseStream?
    /// TLS from the first octet: the engine starts when the handshake is done.
    private var awaitsImplicitTLS: Bool
    /// Of the certificate that this connection is shown.
    private var endPoint: [UInt8]?
    private var isStarted = false
    private var isPerforming = false
    private var isStartingTLS = false
    private var isClosed = false
    /// The last reply is on its way; what still comes is thrown away.
    private var isEnding = false
    private var isTLS = false
    /// The client sends no more (a FIN came): what it sent before is still answered, then the connection ends.
    private var isInputClosed = false
    private var wasWoken = false
    private var isShuttingDown = false
    private var deadline: NIODeadline?
    private var timer: Scheduled<Void>?

    init(
        engine: Served.Engine, session: Served, waker: ConnectionWaker, tls: TLSContexts?, isImplicitTLS: Bool,
        endPoint: [UInt8]?, executor: LoopExecutor
    ) {
        self.engine = engine
        self.session = session
        self.waker = waker
        self.tls = tls
        self.executor = executor
        self.endPoint = endPoint
        awaitsImplicitTLS = isImplicitTLS
    }

    // MARK: What the channel says

    func channelActive(context: ChannelHandlerContext) {
        responses = ResponseStream(channel: context.channel)
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let loop = context.eventLoop
        waker.connect { loop.execute { bound.value.0.woken(bound.value.1) } }
        if awaitsImplicitTLS {
            setDeadline(context, seconds: TransportLimits.handshakeSeconds)
            context.read()
        } else {
            start(context)
        }
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isEnding else { return }
        var part = unwrapInboundIn(data)
        if input.readableBytes == 0 {
            input = part
        } else {
            input.writeBuffer(&part)
        }
        // Only a peer that closes can make more come than was asked for: the system then hands over what it held.
        if isStarted, !isPerforming, !isStartingTLS { advance(context) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // A read that brought nothing for the engine (a TLS record, half a handshake) asks again.
        if !isPerforming, !isClosed { readMore(context) }
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if !isPerforming, !isClosed { readMore(context) }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted = event as? TLSUserEvent {
            let version = (try? context.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self))?.tlsVersion
            let facts = TLSFacts(version: Self.name(of: version), cipher: "", endPoint: endPoint)
            isTLS = true
            if awaitsImplicitTLS {
                awaitsImplicitTLS = false
                var ignored = ByteBuffer()
                engine.handle(.tlsStarted(facts), into: &ignored)
                start(context)
            } else if isStartingTLS {
                isStartingTLS = false
                handle(.tlsStarted(facts), context)
            }
        } else if case .inputClosed = event as? ChannelEvent {
            inputClosed(context)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        TransportCounters.failed.increment()
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        isClosed = true
        timer?.cancel()
        timer = nil
        waker.disconnect()
        responses?.close()
        input = ByteBuffer()
        // A request that is being performed ends first: `answered` sees isClosed and says closed() then.
        if !isPerforming { sayClosed() }
        context.fireChannelInactive()
    }

    /// The server is stopping.
    func shutDown(_ context: ChannelHandlerContext) {
        isShuttingDown = true
        guard isStarted, !isPerforming, !isStartingTLS else {
            if !isStarted || isStartingTLS { context.close(promise: nil) }
            return
        }
        handle(.shuttingDown, context)
    }

    // MARK: The engine

    private func start(_ context: ChannelHandlerContext) {
        isStarted = true
        var output = context.channel.allocator.buffer(capacity: 512)
        engine.start(into: &output)
        advance(context, output)
    }

    private func handle(_ event: ConnectionEvent, _ context: ChannelHandlerContext) {
        guard !isClosed, !isEnding else { return }
        var output = context.channel.allocator.buffer(capacity: 512)
        engine.handle(event, into: &output)
        advance(context, output)
    }

    private func woken(_ context: ChannelHandlerContext) {
        waker.taken()
        guard isStarted, !isPerforming, !isStartingTLS else {
            wasWoken = true
            return
        }
        handle(.woken, context)
    }

    private func answered(_ answer: Served.Engine.Answer, _ context: ChannelHandlerContext) {
        isPerforming = false
        guard !isClosed else { return sayClosed() }
        var output = responses?.takeRest() ?? ByteBuffer()
        engine.resume(with: answer, into: &output)
        if isShuttingDown {
            engine.handle(.shuttingDown, into: &output)
        } else if wasWoken {
            wasWoken = false
            engine.handle(.woken, into: &output)
        }
        advance(context, output)
    }

    private func advance(_ context: ChannelHandlerContext, _ replies: ByteBuffer? = nil) {
        guard !isClosed, !isEnding else { return }
        var output = replies ?? ByteBuffer()
        let before = input.readableBytes
        let step = engine.advance(&input, into: &output)
        // A client that gives an octet of a line now and then has no more time for the line than one that gives none.
        let isSlow = before > 0 && input.readableBytes == before && output.readableBytes == 0
        if case .close = step { return end(context, saying: output) }
        // RFC 2920 §3.2: the replies to a pipelined group go out together, also when a request stands between them.
        if case .perform = step {
            responses?.hold(output)
        } else if output.readableBytes > 0 {
            context.writeAndFlush(wrapOutboundOut(output), promise: nil)
        }
        switch step {
        case .needsInput where isInputClosed: end(context)
        case .needsInput(let seconds):
            tidyInput()
            if !isSlow || deadline == nil { setDeadline(context, seconds: seconds) }
            readMore(context)
        case .perform(let request):
            deadline = nil
            perform(request, context)
        case .startTLS:
            startTLS(context)
        case .compress:
            compress(context)
        case .close:
            break
        }
    }

    private func perform(_ request: Served.Engine.Request, _ context: ChannelHandlerContext) {
        guard let responses else { return }
        isPerforming = true
        let loop = context.eventLoop
        let bound = NIOLoopBound((self, context), eventLoop: loop)
        Task(executorPreference: executor) { [session] in
            let answer = await session.perform(request, responses)
            loop.execute {
                let (handler, context) = bound.value
                handler.answered(answer, context)
            }
        }
    }

    private func inputClosed(_ context: ChannelHandlerContext) {
        isInputClosed = true
        guard isStarted, !isStartingTLS, !isEnding else { return context.close(promise: nil) }
        // Everything that came was taken: while nothing is performed the engine waits for more, and none will come.
        if !isPerforming { end(context) }
    }

    private func sayClosed() {
        Task(executorPreference: executor) { [session] in await session.closed() }
    }

    /// Closes once the last octets are out: a close before that would throw them away.
    ///
    /// In clear the output side goes first and what the client still sends is read for a moment, since closing a socket
    /// with unread input resets it, and the reset can overtake the reply.
    private func end(_ context: ChannelHandlerContext, saying last: ByteBuffer = ByteBuffer()) {
        guard !isEnding, !isClosed else { return }
        isEnding = true
        input = ByteBuffer()
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(last)).whenComplete { _ in
            let (handler, context) = bound.value
            guard !handler.isTLS, !handler.isInputClosed else { return context.close(promise: nil) }
            context.close(mode: .output, promise: nil)
            handler.setDeadline(context, seconds: TransportLimits.lingerSeconds)
            context.read()
        }
    }

    /// Asks for more only while the client takes what it was sent: replies to commands that nobody reads must not pile up.
    private func readMore(_ context: ChannelHandlerContext) {
        if context.channel.isWritable || isStartingTLS || isEnding { context.read() }
    }

    /// Gives memory back: what is consumed, and a buffer that a long line or a large literal had grown.
    private func tidyInput() {
        if input.readableBytes == 0 {
            input = ByteBuffer()
        } else {
            input.discardReadBytes()
        }
    }

    // MARK: TLS

    private func startTLS(_ context: ChannelHandlerContext) {
        // RFC 3207 §6, RFC 9051 §11.1: what came in clear behind the command must not be taken for what comes inside TLS.
        guard input.readableBytes == 0, let tls else {
            TransportCounters.injected.increment()
            return end(context)
        }
        isStartingTLS = true
        setDeadline(context, seconds: TransportLimits.handshakeSeconds)
        do {
            let current = tls.current
            endPoint = current.endPoint
            try context.pipeline.syncOperations.addHandler(
                NIOSSLServerHandler(context: current.context), position: .first)
            context.read()
        } catch {
            end(context)
        }
    }

    private func compress(_ context: ChannelHandlerContext) {
        guard input.readableBytes == 0 else { return end(context) }
        do {
            try context.pipeline.syncOperations.addHandler(CompressionHandler(), position: .before(self))
            advance(context)
        } catch {
            end(context)
        }
    }

    private static func name(of version: TLSVersion?) -> String {
        switch version {
        case .tlsv13: "TLSv1.3"
        case .tlsv12: "TLSv1.2"
        default: "TLS"
        }
    }

    // MARK: Time

    /// One timer a connection that is set anew only when it has run out, since most deadlines are pushed on before.
    private func setDeadline(_ context: ChannelHandlerContext, seconds: Int) {
        deadline = .now() + .seconds(Int64(seconds))
        if timer == nil { startTimer(context) }
    }

    private func startTimer(_ context: ChannelHandlerContext) {
        guard let deadline else { return timer = nil }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(deadline: deadline) { bound.value.0.timerFired(bound.value.1) }
    }

    private func timerFired(_ context: ChannelHandlerContext) {
        timer = nil
        guard !isClosed, let deadline else { return }
        guard deadline <= .now() else { return startTimer(context) }
        self.deadline = nil
        guard isStarted, !isStartingTLS, !isEnding else { return context.close(promise: nil) }
        handle(.timedOut, context)
    }
}
