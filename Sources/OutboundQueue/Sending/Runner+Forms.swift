import MIME
import MailCore
import MessageStore
import NIOCore
import SMTP

/// What a server cannot have as it is it gets in another form, or not at all.
extension Runner {
    /// Up to here a message is read once, and sent from memory.
    private static let memoryOctetsMax = 262_144
    private static let pieceOctets = 262_144
    /// Of a large message so much is looked at for the end of its header.
    static let headOctetsMax = 262_144

    enum Prepared {
        case message(Outgoing)
        /// No server with these extensions can have it.
        case refused(Reply)
    }

    /// The message as a server with these extensions takes it, signed. Signatures are made last: they hold for what is sent
    /// (RFC 6376 §5.3).
    func prepare(
        _ consignment: Consignment, for extensions: Extensions
    ) async throws(Courier.Failure) -> Prepared {
        var message = try await read(consignment)
        if let goal = goal(message, consignment, extensions) {
            switch try await converted(message, to: goal) {
            case .success(let other): message = other
            case .failure(let failure): return .refused(Self.reply(failure, goal))
            }
        } else {
            message.isBinary = consignment.needs.contains(.binary)
        }
        message.preceding = await signature(for: consignment, message)
        return .message(message)
    }

    /// Nil: it goes as it is.
    ///
    /// RFC 6152 §3 leaves open whether what the server does not take is converted or returned. It is converted even when a
    /// stranger signed it and we only send it on: a signature that does not hold counts as none (RFC 6376 §6.1), and a message
    /// that comes back counts for less. A line that is too long is no such need: nearly all servers take it, and there the
    /// signature of a stranger is worth more.
    private func goal(
        _ message: Outgoing, _ consignment: Consignment, _ extensions: Extensions
    ) -> Conversion.Goal? {
        let isBinary = consignment.needs.contains(.binary)
        // RFC 6531 §3.2: a header in UTF-8 cannot be helped; the session says so.
        let hasUTF8 = consignment.needs.contains(.internationalized) && message.hasEightBitHeader
        if hasUTF8, !extensions.hasSMTPUTF8 { return nil }
        if isBinary, extensions.takesBinary { return nil }
        if message.facts.hasEightBit, !extensions.has8BITMIME { return .sevenBit }
        if isBinary { return extensions.has8BITMIME ? .eightBit : .sevenBit }
        guard message.facts.hasLongLine, consignment.options.isOurs || !isSigned(message) else { return nil }
        return extensions.has8BITMIME ? .eightBit : .sevenBit
    }

    private func isSigned(_ message: Outgoing) -> Bool {
        // Of a large message that is not ours we do not ask: it stays as it is.
        guard case .memory(let octets) = message.content else { return true }
        return Header(parsing: octets).contains("DKIM-Signature")
    }

    private func read(_ consignment: Consignment) async throws(Courier.Failure) -> Outgoing {
        let body = consignment.body
        guard body.octetCount > Self.memoryOctetsMax else {
            let octets = try await piece(of: body, nil)
            let facts = LineScanner.facts(of: octets)
            return Outgoing(
                form: .asItIs, content: .memory(octets), facts: facts,
                hasEightBitHeader: facts.hasEightBit && Self.hasEightBitHeader(octets))
        }
        var scanner = LineScanner()
        var hasEightBitHeader = false
        var position = 0
        while position < body.octetCount {
            let end = min(position + Self.pieceOctets, body.octetCount)
            let octets = try await piece(of: body, position..<end)
            if position == 0 { hasEightBitHeader = Self.hasEightBitHeader(octets) }
            scanner.scan(octets)
            position = end
        }
        return Outgoing(
            form: .asItIs, content: .stored(body, octets: body.octetCount), facts: scanner.facts,
            hasEightBitHeader: hasEightBitHeader)
    }

    func piece(of body: BodyReference, _ range: Range<Int>?) async throws(Courier.Failure) -> ByteBuffer {
        let octets: ByteBuffer
        do throws(StoreError) {
            octets = try await store.octets(of: body, range: range)
        } catch {
            throw .unreadable(error.diagnostic)
        }
        guard octets.readableBytes == range?.count ?? body.octetCount else { throw .unreadable("cut short") }
        return octets
    }

    private static func hasEightBitHeader(_ octets: ByteBuffer) -> Bool {
        guard octets.readableBytesView.prefix(headOctetsMax).contains(where: { $0 >= 0x80 }) else { return false }
        let header = Header(parsing: octets).range
        return octets.readableBytesView.prefix(header.upperBound).contains { $0 >= 0x80 }
    }

    // MARK: Conversion

    private func converted(
        _ message: Outgoing, to goal: Conversion.Goal
    ) async throws(Courier.Failure) -> Result<Outgoing, Conversion.Failure> {
        var permit: Gate.Permit?
        let whole: ByteBuffer
        switch message.content {
        case .memory(let octets): whole = octets
        case .stored(let body, _):
            permit = await conversions.enter()
            whole = try await piece(of: body, nil)
        }
        let result = await Task(executorPreference: files) {
            Result { () throws(Conversion.Failure) in
                try Conversion.convert(MIME.Message(parsing: whole), to: goal)
            }
        }.value
        return result.map { octets in
            Outgoing(
                form: .converted(goal), content: .memory(octets), facts: LineScanner.facts(of: octets),
                hasEightBitHeader: message.hasEightBitHeader, permit: permit)
        }
    }

    /// RFC 3463 X.6.3: conversion is required, and is not to be had.
    private static func reply(_ failure: Conversion.Failure, _ goal: Conversion.Goal) -> Reply {
        let why =
            switch failure {
            case .header: "its header has octets beyond US-ASCII"
            case .composite: "it is not built as MIME wants it"
            case .secured: "it is signed or encrypted as it stands"
            case .encoding: "it has an unknown encoding"
            }
        let what = goal == .sevenBit ? "8-bit" : "binary"
        return Reply(554, "5.6.3", "The server takes no \(what) messages; this is one, and cannot be converted: \(why)")
    }
}
