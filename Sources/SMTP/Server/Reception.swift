import NIOCore

/// A message while it comes in: what is held of it, what was handed out, and whether it is refused already.
struct Reception: Sendable {
    enum Progress {
        case needsInput
        /// This is to be written to the spool.
        case spool(ByteBuffer)
        /// The octets of a BDAT are there, and it was not the last.
        case chunkEnded
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
    private var decoder: DataDecoder
    private var discardedOctets = 0
    /// How many BDATs there were; 0 behind DATA.
    private(set) var chunks = 0
    /// What the last BDAT announced, and what of it is still to come.
    private(set) var chunkOctets = 0
    private var chunkOctetsLeft = 0
    private var isLastChunk = false

    /// A message behind DATA.
    init(_ envelope: Envelope) {
        self.envelope = envelope
        decoder = DataDecoder(isDotStuffed: true)
    }

    /// A message behind its first BDAT.
    init(_ envelope: Envelope, chunkOctets: Int, isLast: Bool) {
        self.envelope = envelope
        decoder = DataDecoder(isDotStuffed: false)
        begin(chunkOctets: chunkOctets, isLast: isLast)
    }

    mutating func begin(chunkOctets: Int, isLast: Bool) {
        chunks += 1
        self.chunkOctets = chunkOctets
        chunkOctetsLeft = chunkOctets
        isLastChunk = isLast
    }

    mutating func take(_ input: inout ByteBuffer, _ configuration: ServerConfiguration) -> Progress {
        // RFC 1870 §6.1: what is announced to be too much need not be there to be refused.
        if chunkOctetsLeft > configuration.messageOctetsMax - spooledOctets - body.readableBytes {
            refuse(.messageTooBig)
        }
        if !isEnded { isEnded = decode(&input) }
        if spooledOctets + body.readableBytes > configuration.messageOctetsMax { refuse(.messageTooBig) }
        if decoder.sawBareLineEnd, configuration.bareLineEnds == .refuse { refuse(.bareLineEndInMessage) }
        if refusal == nil, mustSpool(configuration.memoryOctetsMax) {
            defer { body = ByteBuffer() }
            return .spool(body)
        }
        if isEnded { return .ended }
        if chunks > 0, chunkOctetsLeft == 0 { return .chunkEnded }
        let discards = refusal != nil && chunkOctetsLeft > configuration.discardedOctetsMax - discardedOctets
        return discards || discardedOctets > configuration.discardedOctetsMax ? .overrun : .needsInput
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
            return decode(&input) { _ in }
        }
        if body.storageCapacity == 0 {
            // What was announced is not believed above 64 KiB: memory is taken for what comes.
            let announced = min(envelope.parameters.sizeOctets ?? 0, 65_536)
            body.reserveCapacity(max(announced, input.readableBytes))
        }
        var body = ByteBuffer()
        swap(&body, &self.body)
        defer { swap(&body, &self.body) }
        return decode(&input) { body.writeBytes($0) }
    }

    private mutating func decode(_ input: inout ByteBuffer, emit: (UnsafeRawBufferPointer) -> Void) -> Bool {
        guard chunks > 0 else { return decoder.decode(&input, emit: emit) }
        let count = min(chunkOctetsLeft, input.readableBytes)
        guard var octets = input.readSlice(length: count) else { return false }
        chunkOctetsLeft -= count
        let isBinary = envelope.parameters.body == .binaryMIME
        if isBinary { octets.withUnsafeReadableBytes(emit) } else { _ = decoder.decode(&octets, emit: emit) }
        guard chunkOctetsLeft == 0, isLastChunk else { return false }
        if !isBinary { decoder.finish(emit: emit) }
        return true
    }
}
