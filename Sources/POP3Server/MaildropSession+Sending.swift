import Logging
import MailCore
import MessageStore
import NIOCore
import POP3
import Transport

extension MaildropSession {
    /// Octets of one read of a large message.
    static let pieceOctets = 131_072

    /// Writes and flushes: what stays behind would be given to the engine again, which would ask for the same, for ever.
    func send(_ piece: ByteBuffer, _ responses: ResponseStream) async {
        do {
            try await responses.write { $0.writeImmutableBuffer(piece) }
            try await responses.flush()
        } catch {
            // A client that is gone is told nothing; the connection says so itself.
        }
    }

    /// Writes a message through the stuffer, in pieces, as the client takes them.
    ///
    /// - Parameter firstOctets: of the body behind its header, for the first read.
    func send(
        _ index: Int, _ stuffer: LineStuffer, firstOctets: Int, isUTF8: Bool, _ responses: ResponseStream
    ) async -> Engine.Answer {
        var stuffer = stuffer
        let source: ReadAhead.Source
        let body: BodyReference
        var piece: ByteBuffer
        do {
            guard let found = try await find(index) else { return .failed(.gone) }
            guard let reference = found.body else { return lost(index) }
            (source, body) = (found, reference)
            piece = try await firstPiece(index, found, reference, octets: found.headerOctets + firstOctets)
        } catch {
            return failed("reading a message", error)
        }
        do {
            var octets = piece.readableBytes
            var output = ByteBuffer()
            stuffer.begin(into: &output)
            stuff(source, piece, isUTF8: isUTF8, &stuffer, into: &output)
            while octets < body.octetCount, !stuffer.isComplete {
                let ready = output
                try await responses.write { $0.writeImmutableBuffer(ready) }
                let end = min(body.octetCount, octets + Self.pieceOctets)
                piece = try await store.octets(of: body, range: octets..<end)
                octets = end
                output = ByteBuffer()
                stuffer.stuff(piece, into: &output)
            }
            stuffer.finish(into: &output)
            let last = output
            try await responses.write { $0.writeImmutableBuffer(last) }
            return .done
        } catch let error as StoreError {
            log.error("sending a message broke off", metadata: ["error": "\(error.diagnostic)"])
            return .brokenOff
        } catch {
            return .brokenOff
        }
    }

    /// The account's own lines and the first piece of the body, its header in US-ASCII for a client that reads no other
    /// (RFC 6858). A header that is longer than a piece stays as it is.
    private func stuff(
        _ source: ReadAhead.Source, _ piece: ByteBuffer, isUTF8: Bool, _ stuffer: inout LineStuffer,
        into output: inout ByteBuffer
    ) {
        var rest = piece
        if !isUTF8, let header = rest.readSlice(length: source.headerOctets) {
            if let plain = PlainHeaders(prefix: source.prefix, header: header) {
                stuffer.stuff(plain.prefix, into: &output)
                stuffer.stuff(plain.octets(of: 0..<source.headerOctets, header), into: &output)
                return stuffer.stuff(rest, into: &output)
            }
            rest = piece
        }
        stuffer.stuff(source.prefix, into: &output)
        stuffer.stuff(rest, into: &output)
    }

    /// Where the message is; nil when it was expunged.
    private func find(_ index: Int) async throws(StoreError) -> ReadAhead.Source? {
        guard var maildrop else { return nil }
        if maildrop.notice.take() { maildrop.readAhead.clear() }
        let indexes = maildrop.readAhead.want(index, of: maildrop.uids.count)
        if let indexes, let first = maildrop.uid(indexes.lowerBound), let last = maildrop.uid(indexes.upperBound - 1) {
            let details = try await store.details(
                of: maildrop.mailbox, account: maildrop.account, uids: first.rawValue...last.rawValue,
                limit: indexes.count, want: [.prefix, .body])
            var sources = [ReadAhead.Source?](repeating: nil, count: indexes.count)
            for detail in details {
                guard let index = maildrop.index(of: detail.summary.uid), indexes.contains(index) else { continue }
                sources[index - indexes.lowerBound] = ReadAhead.Source(
                    prefix: detail.prefix, headerOctets: detail.headerOctets, body: detail.body)
            }
            maildrop.readAhead.loaded(indexes, sources)
        }
        // The connection may have gone meanwhile.
        if self.maildrop != nil { self.maildrop = maildrop }
        return maildrop.readAhead.source(index)
    }

    /// The whole body if it is small, and those of the next ones with it; else its beginning.
    private func firstPiece(
        _ index: Int, _ source: ReadAhead.Source, _ body: BodyReference, octets: Int
    ) async throws(StoreError) -> ByteBuffer {
        guard body.octetCount <= ReadAhead.wholeBodyOctetsMax else {
            return try await store.octets(of: body, range: 0..<min(body.octetCount, octets, Self.pieceOctets))
        }
        if let octets = maildrop?.readAhead.takeOctets(of: index) { return octets }
        let wanted = maildrop?.readAhead.bodiesToRead(from: index) ?? []
        let bodies = try await store.octets(of: wanted.map(\.body))
        for (wanted, octets) in zip(wanted, bodies) { maildrop?.readAhead.keep(octets, of: wanted.index) }
        if let octets = maildrop?.readAhead.takeOctets(of: index) { return octets }
        return try await store.octets(of: body)
    }

    private func lost(_ index: Int) -> Engine.Answer {
        log.error("a message has no body", metadata: ["uid": "\(maildrop?.uid(index)?.rawValue ?? 0)"])
        return .failed(.permanent)
    }
}
