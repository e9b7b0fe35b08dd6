import NIOCore

/// Finds where lines, literals and commands end (RFC 3501 §2.2, RFC 7888).
///
/// A command ends in CR LF. A bare LF is taken for it unless a literal is announced there: no octet of a command's line
/// can be an LF, so that nobody can mean something else. Where it could be doubtful the connection ends.
struct CommandFramer: Sendable {
    enum Failure: Error, Equatable, Sendable {
        case lineTooLong
        case bareLineFeedBeforeLiteral
    }

    enum Event: Equatable, Sendable {
        case needsInput
        /// The command is whole: `take()` it.
        case complete
        /// A line announces a literal; `accept` or `skip` it, or `reset`.
        case literal(Announcement)
        case failed(Failure)
    }

    /// What stands at a line's end: `{n}` or `{n+}`.
    struct Announcement: Equatable, Sendable {
        /// `Int.max` for a number that no literal can have.
        var octets: Int
        var isSynchronizing: Bool
    }

    /// The lines so far with their literals in place; where a literal was announced it ends in CR LF.
    private(set) var command = ByteBuffer()
    /// Of all literals of this command that were accepted.
    private(set) var literalOctets = 0
    /// How many literals of this command were accepted.
    private(set) var literals = 0
    private var lineOctets = 0
    private var literalLeft = 0
    private var skipLeft = 0
    /// How much of the input is known to hold no LF.
    private var scanned = 0

    mutating func next(_ input: inout ByteBuffer, lineOctetsMax: Int) -> Event {
        if skipLeft > 0 {
            let count = min(skipLeft, input.readableBytes)
            input.moveReaderIndex(forwardBy: count)
            skipLeft -= count
            if skipLeft > 0 { return .needsInput }
        }
        if literalLeft > 0 {
            guard var slice = input.readSlice(length: min(literalLeft, input.readableBytes)) else { return .needsInput }
            literalLeft -= slice.readableBytes
            command.writeBuffer(&slice)
            if literalLeft > 0 { return .needsInput }
        }
        do throws(Failure) {
            guard let line = try line(&input, octetsMax: lineOctetsMax - lineOctets) else { return .needsInput }
            lineOctets += line.text.readableBytes + 2
            return try finish(line)
        } catch {
            return .failed(error)
        }
    }

    /// The octets of the announced literal belong to the command.
    mutating func accept(_ literal: Announcement) {
        literalLeft = literal.octets
        literalOctets += literal.octets
        literals += 1
    }

    /// The octets of the announced literal are dropped; the command goes on behind them.
    mutating func skip(octets: Int) {
        command.clear()
        skipLeft = octets
    }

    /// The whole command; the next one begins.
    mutating func take() -> ByteBuffer {
        let whole = command
        reset()
        return whole
    }

    /// Forgets the command so far; the next octet begins another.
    mutating func reset() { self = CommandFramer() }

    struct Line {
        var text: ByteBuffer
        var hasCarriageReturn: Bool
    }

    /// The next line without its end; nil until it is whole.
    mutating func line(_ input: inout ByteBuffer, octetsMax: Int) throws(Failure) -> Line? {
        let view = input.readableBytesView
        let from = view.index(view.startIndex, offsetBy: min(scanned, view.count))
        guard let end = view[from...].firstIndex(of: .lineFeed) else {
            scanned = view.count
            if view.count > octetsMax { throw .lineTooLong }
            return nil
        }
        scanned = 0
        let length = view.distance(from: view.startIndex, to: end)
        guard length + 1 <= octetsMax else { throw .lineTooLong }
        guard var text = input.readSlice(length: length) else { return nil }
        input.moveReaderIndex(forwardBy: 1)
        let hasCarriageReturn = text.readableBytesView.last == .carriageReturn
        if hasCarriageReturn { text.moveWriterIndex(to: text.writerIndex - 1) }
        return Line(text: text, hasCarriageReturn: hasCarriageReturn)
    }

    private mutating func finish(_ line: Line) throws(Failure) -> Event {
        var text = line.text
        guard let literal = Announcement(endOf: text.readableBytesView) else {
            command.writeBuffer(&text)
            return .complete
        }
        guard line.hasCarriageReturn else { throw .bareLineFeedBeforeLiteral }
        command.writeBuffer(&text)
        command.writeStaticString("\r\n")
        return .literal(literal)
    }
}

extension CommandFramer.Announcement {
    /// Reads `"{" number ["+"] "}"` at the end of a line; nil when there is none.
    init?(endOf line: ByteBufferView) {
        var rest = line
        guard rest.popLast() == UInt8(ascii: "}") else { return nil }
        isSynchronizing = rest.last != UInt8(ascii: "+")
        if !isSynchronizing { _ = rest.popLast() }
        let digits = rest.reversed().prefix { $0.isDigit }
        guard !digits.isEmpty, rest.dropLast(digits.count).last == UInt8(ascii: "{") else { return nil }
        // RFC 3501 §9: a number has 32 bits; leading zeros are not worth the doubt.
        let value = digits.count > 10 ? nil : digits.reversed().reduce(0) { $0 * 10 + Int($1 &- UInt8(ascii: "0")) }
        octets = value.flatMap { $0 <= UInt32.max ? $0 : nil } ?? Int.max
    }
}
