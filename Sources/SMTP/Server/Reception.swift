import NIOCore

/// A message while it comes in: what is held of it, what was handed out, and whether it is refused already.
struct Reception: Sendable {
    enum Progress {
        case needsInput
        /// This is to be written to the spool.
        case spool(ByteBuffer)
        case ended
        /// It is refused, and more came behind than is read for politeness.
        case overrun
    }

    var envelope: Envelope
    private(set) var body = ByteBuffer()
    private(set) var spooledOctets = 0
    /// What the end of data will be answered with, once the message cannot be taken any more.
    private(set) var refusal: Reply?
    private(set) var isEnded = false
    private var decoder = DataDecoder()
    private var discardedOctets = 0

    init(_ envelope: Envelope) { self.envelope = envelope }

    mutating func take(_ input: inout ByteBuffer, _ configuration: ServerConfiguration) -> Progress {
        if !isEnded { isEnded = decode(&input) }
        if spooledOctets + body.readableBytes > configuration.messageOctetsMax { refuse(.messageTooBig) }
        if decoder.sawBareLineEnd, configuration.bareLineEnds == .refuse { refuse(.bareLineEndInMessage) }
        if refusal == nil, mustSpool(configuration.memoryOctetsMax) {
            defer { body = ByteBuffer() }
            return .spool(body)
        }
        if isEnded { return .ended }
        return discardedOctets > configuration.discardedOctetsMax ? .overrun : .needsInput
    }

    /// Nothing more of the message is kept; the first reason stands.
    mutating func refuse(_ reply: Reply) {
        guard refusal == nil else { return }
        refusal = reply
        body = ByteBuffer()
    }

    mutating func spooled(octets: Int) { spooledOctets += octets }

    /// Once something is in the spool all of it must be; chunks are of a quarter of `memoryOctetsMax` then.
    private func mustSpool(_ memoryOctetsMax: Int) -> Bool {
        if spooledOctets == 0 { return body.readableBytes > memoryOctetsMax }
        return body.readableBytes > (isEnded ? 0 : memoryOctetsMax / 4)
    }

    private mutating func decode(_ input: inout ByteBuffer) -> Bool {
        guard refusal == nil else {
            let before = input.readableBytes
            defer { discardedOctets += before - input.readableBytes }
            return decoder.decode(&input) { _ in }
        }
        if body.storageCapacity == 0 {
            // What was announced is not believed above 64 KiB: memory is taken for what comes.
            let announced = min(envelope.parameters.sizeOctets ?? 0, 65_536)
            body.reserveCapacity(max(announced, input.readableBytes))
        }
        var body = ByteBuffer()
        swap(&body, &self.body)
        defer { swap(&body, &self.body) }
        return decoder.decode(&input) { body.writeBytes($0) }
    }
}
