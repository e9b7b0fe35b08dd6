import NIOCore

/// Finds the end of a message behind DATA and undoes its dot-stuffing (RFC 5321 §4.5.2), however the octets are cut. A
/// message behind BDAT has neither; its lines are read all the same.
///
/// Only CR LF . CR LF ends a message (RFC 5321 §4.1.1.4; the CR LF of the DATA command counts as the first). A bare LF
/// is given out as CR LF and a bare CR as a space; a line behind a bare LF is not looked at for dots, so that nothing
/// that another server takes for an end of data is one here.
struct DataDecoder: Sendable {
    private enum State: Sendable {
        /// Behind a CR LF.
        case lineStart
        /// A dot at the start of a line is held back.
        case dot
        /// ".\r" at the start of a line is held back.
        case dotCR
        case text
        /// A CR in a line is held back.
        case carriageReturn
    }

    private let isDotStuffed: Bool
    private var state = State.lineStart
    /// A bare CR or LF came.
    private(set) var sawBareLineEnd = false

    init(isDotStuffed: Bool = true) { self.isDotStuffed = isDotStuffed }

    /// Gives out what is held back, and ends the last line: no more octets come. Not needed behind an end of data.
    mutating func finish(emit: (UnsafeRawBufferPointer) -> Void) {
        switch state {
        case .lineStart: return
        case .text, .dot: break
        case .carriageReturn, .dotCR: bareCR(emit)
        }
        Octets.lineEnd.withUnsafeBytes(emit)
        state = .lineStart
    }

    /// Consumes `input` up to the end of data, or all of it.
    ///
    /// - Parameter emit: is given the message's octets piece by piece, as long as they can be.
    /// - Returns: whether the end of data was reached; what is behind it stays in `input`.
    mutating func decode(_ input: inout ByteBuffer, emit: (UnsafeRawBufferPointer) -> Void) -> Bool {
        let (consumed, isEnded) = input.withUnsafeReadableBytes { decode($0, emit) }
        input.moveReaderIndex(forwardBy: consumed)
        return isEnded
    }

    private mutating func decode(
        _ bytes: UnsafeRawBufferPointer, _ emit: (UnsafeRawBufferPointer) -> Void
    ) -> (consumed: Int, isEnded: Bool) {
        var place = 0
        while place < bytes.count {
            let octet = bytes[place]
            switch state {
            case .text:
                place = text(bytes, from: place, emit)
            case .lineStart:
                let isDot = isDotStuffed && octet == UInt8(ascii: ".")
                state = isDot ? .dot : .text
                if isDot { place += 1 }
            case .dot:
                // RFC 5321 §4.5.2: with other characters behind it the dot goes.
                let isCR = octet == UInt8(ascii: "\r")
                state = isCR ? .dotCR : .text
                if isCR { place += 1 }
            case .dotCR:
                if octet == UInt8(ascii: "\n") { return (place + 1, true) }
                bareCR(emit)
                state = .text
            case .carriageReturn:
                if octet == UInt8(ascii: "\n") {
                    Octets.lineEnd.withUnsafeBytes(emit)
                    state = .lineStart
                    place += 1
                } else {
                    bareCR(emit)
                    state = .text
                }
            }
        }
        return (place, false)
    }

    /// Goes through lines until one starts with a dot or the octets end; returns the place behind what it took.
    private mutating func text(
        _ bytes: UnsafeRawBufferPointer, from start: Int, _ emit: (UnsafeRawBufferPointer) -> Void
    ) -> Int {
        let count = bytes.count
        var place = start
        /// The first octet that was not yet given out.
        var run = start
        /// The next LF, or the end: looked for once, however many bare CRs stand before it.
        var lf = start - 1
        func flush(to end: Int) {
            if run < end { emit(UnsafeRawBufferPointer(rebasing: bytes[run..<end])) }
        }
        while place < count {
            if lf < place { lf = bytes.firstIndex(of: UInt8(ascii: "\n"), from: place) ?? count }
            let line = UnsafeRawBufferPointer(rebasing: bytes[..<lf])
            guard let cr = line.firstIndex(of: UInt8(ascii: "\r"), from: place) else {
                flush(to: lf)
                if lf == count { return count }
                Octets.lineEnd.withUnsafeBytes(emit)
                sawBareLineEnd = true
                place = lf + 1
                run = place
                continue
            }
            if cr + 1 == count {
                flush(to: cr)
                state = .carriageReturn
                return count
            }
            place = cr + 1
            if place == lf {
                place += 1
                guard place < count, bytes[place] != UInt8(ascii: ".") else {
                    flush(to: place)
                    state = .lineStart
                    return place
                }
            } else {
                flush(to: cr)
                bareCR(emit)
                run = place
            }
        }
        flush(to: count)
        return count
    }

    private mutating func bareCR(_ emit: (UnsafeRawBufferPointer) -> Void) {
        sawBareLineEnd = true
        Octets.space.withUnsafeBytes(emit)
    }
}

/// Pieces that are written in place of others.
enum Octets {
    static let lineEnd: [UInt8] = [0x0d, 0x0a]
    static let space: [UInt8] = [0x20]
}
