import IMAP
import MIME
import MailCore
import MessageStore
import NIOCore
import Transport

extension FetchRun {
    /// Writes the responses of a few messages whose small bodies are read at once.
    mutating func write(_ batch: [MessageDetail], _ responses: ResponseStream) async throws {
        guard !batch.isEmpty else { return }
        var bodies: [Int64: ByteBuffer] = [:]
        // Those that did not come with their rows.
        if plan.readsBodies, batch.contains(where: { $0.octets == nil }) {
            let small = batch.filter { $0.octets == nil }.compactMap(\.body).filter {
                $0.octetCount <= Self.smallBodyOctetsMax
            }
            for (reference, octets) in zip(small, try await store.octets(of: small)) {
                bodies[reference.bodyID] = octets
            }
        }
        let seen = await markSeen(batch)
        for detail in batch {
            var row = detail.summary
            let changed = seen[row.uid]
            if let changed {
                row.flags = changed.flags
                row.modSeq = changed.modSeq
            }
            found.append(row.uid)
            isInResponse = true
            isTorn = false
            let start = output.writerIndex
            do {
                let body = detail.octets ?? detail.body.flatMap { bodies[$0.bodyID] }
                try await write(
                    try await shown(detail, body), row, body, tellsFlags: changed != nil, responses)
            } catch let error as StoreError where isTorn {
                throw BrokenLiteral(diagnostic: error.diagnostic)
            } catch let refusal as Refusal {
                guard !isTorn else { throw BrokenLiteral(diagnostic: refusal.completion.text) }
                // What was said of the messages before stays said.
                output.moveWriterIndex(to: start)
                isInResponse = false
                try await flush(responses)
                throw refusal
            }
            isInResponse = false
            if output.readableBytes >= 65_536 { try await flush(responses) }
        }
        try await flush(responses)
    }

    private mutating func write(
        _ detail: MessageDetail, _ row: MessageSummary, _ body: ByteBuffer?, tellsFlags: Bool,
        _ responses: ResponseStream
    ) async throws {
        guard let number = number(of: row.uid) else { return }
        var response = begin(number, row.uid)
        for item in plan.items {
            switch item {
            case .envelope: response.envelope(detail.envelope, into: &output)
            case .body: response.body(detail.bodyStructureBasic, into: &output)
            case .bodyStructure: response.bodyStructure(detail.bodyStructure, into: &output)
            case .threadID: response.threadID(objectIDs.thread(detail.threadID), into: &output)
            // RFC 8970 §3.1: it is at hand always, so that LAZY says nothing.
            case .preview: response.preview(detail.preview.utf8, into: &output)
            case .section, .rfc822, .rfc822Header, .rfc822Text:
                try await writeSection(item, detail, body, &response, responses)
            case .binary(let path, let partial, _):
                let octets = try await binary(path, detail, body)
                guard let octets else {
                    response.none(item, into: &output)
                    continue
                }
                let range = partial?.range(in: octets.readableBytes) ?? 0..<octets.readableBytes
                response.literal8(item, octets: range.count, into: &output)
                output.write(octets, range)
            case .binarySize(let path):
                let octets = try await binary(path, detail, body)?.readableBytes ?? 0
                response.binarySize(path, octets: octets, into: &output)
            default: write(item, row, &response)
            }
        }
        // RFC 3501 §6.4.5: if this sets \Seen, the flags should be told in the same response.
        if tellsFlags, plan.tellsModSeqs {
            if !plan.hasUID { write(.uid, row, &response) }
            if !plan.hasModSeq { write(.modSeq, row, &response) }
        }
        if tellsFlags, !plan.items.contains(.flags) { write(.flags, row, &response) }
        response.end(into: &output)
    }

    /// Sets `\Seen` where it is not; the flags of those that changed. A full disk must not keep mail from being read.
    private mutating func markSeen(_ batch: [MessageDetail]) async -> [UID: FlagChange] {
        guard plan.marksSeen else { return [:] }
        var unseen = UIDRuns()
        for detail in batch where !detail.summary.flags.contains(.seen) { unseen.append(detail.summary.uid) }
        guard !unseen.isEmpty else { return [:] }
        do {
            let changes = try await store.storeFlags(
                mailbox: mailbox, uids: unseen.ranges, operation: .add, flags: .seen)
            ownModSeqs.formUnion(changes.lazy.filter(\.isChanged).map(\.modSeq.rawValue))
            return Dictionary(changes.map { ($0.uid, $0) }, uniquingKeysWith: { _, last in last })
        } catch {
            seenFailure = error
            return [:]
        }
    }

    private mutating func writeSection(
        _ item: FetchItem, _ detail: MessageDetail, _ body: ByteBuffer?, _ response: inout FetchResponse,
        _ responses: ResponseStream
    ) async throws {
        guard let (section, partial) = item.section else { return }
        switch try await content(of: section, detail, body) {
        case .none: response.none(item, into: &output)
        case .octets(let octets):
            let range = partial?.range(in: octets.readableBytes) ?? 0..<octets.readableBytes
            response.literal(item, octets: range.count, into: &output)
            output.write(octets, range)
        case .stored(let prefix, let range):
            let own = prefix.readableBytes
            let asked = partial?.range(in: own + range.count) ?? 0..<own + range.count
            let start = range.lowerBound + max(0, asked.lowerBound - own)
            let stored = start..<max(start, range.lowerBound + asked.upperBound - own)
            if let body {
                response.literal(item, octets: asked.count, into: &output)
                output.write(prefix, asked.clamped(to: 0..<own))
                output.write(body, stored)
            } else {
                try await stream(item, detail, prefix, asked, stored, &response, responses)
            }
        }
    }

    /// Sends a large section as it is read. The first piece is read before the literal is announced, so that most
    /// failures are still told properly.
    private mutating func stream(
        _ item: FetchItem, _ detail: MessageDetail, _ prefix: ByteBuffer, _ asked: Range<Int>, _ stored: Range<Int>,
        _ response: inout FetchResponse, _ responses: ResponseStream
    ) async throws {
        var piece = try await read(
            detail, stored.lowerBound..<min(stored.upperBound, stored.lowerBound + Self.pieceOctets))
        response.literal(item, octets: asked.count, into: &output)
        output.write(prefix, asked.clamped(to: 0..<prefix.readableBytes))
        var position = stored.lowerBound
        while true {
            position += piece.readableBytes
            output.writeImmutableBuffer(piece)
            try await flush(responses)
            guard position < stored.upperBound else { return }
            piece = try await read(detail, position..<min(stored.upperBound, position + Self.pieceOctets))
            guard piece.readableBytes > 0 else { throw BrokenLiteral(diagnostic: "a body ends early") }
        }
    }
}

extension ByteBuffer {
    /// Writes a range of another buffer's readable octets, as far as they exist.
    fileprivate mutating func write(_ other: ByteBuffer, _ range: Range<Int>) {
        let within = range.clamped(to: 0..<other.readableBytes)
        guard let slice = other.getSlice(at: other.readerIndex + within.lowerBound, length: within.count) else {
            return
        }
        writeImmutableBuffer(slice)
    }
}
