import IMAP
import MailCore
import MessageStore
import NIOCore
import Transport

/// Listings that read nothing but what is kept ready to send.
extension FetchRun {
    /// What a scan of flags makes on the way.
    private struct FlagScan: Sendable {
        var run: FetchRun
        /// Where a keyword was met that the client does not know of: the rest of the page is left for the next.
        var stoppedAt: UInt32?

        mutating func take(_ row: FlagRow) {
            guard stoppedAt == nil else { return }
            guard !run.flags.lacks(row.flags) else { return stoppedAt = row.uid.rawValue }
            guard let number = run.number(of: row.uid) else { return }
            run.found.append(row.uid)
            run.flags.text.writeFetch(
                run.plan.isUIDOnly ? row.uid.rawValue : number, uid: run.plan.hasUID ? row.uid : nil,
                modSeq: run.plan.hasModSeq ? row.modSeq : nil, row.flags,
                isRecent: run.recent.contains(row.uid), isUIDOnly: run.plan.isUIDOnly, into: &run.output)
        }
    }

    /// One page of FLAGS, rendered where it is read; where the next one begins, or nil.
    mutating func flags(_ range: ClosedRange<UInt32>, _ responses: ResponseStream) async throws -> UInt32? {
        output.reserveCapacity(Self.outputOctets)
        let (scan, next) = try await store.scanFlags(
            of: mailbox, uids: range, limit: Self.flagsMax, into: FlagScan(run: self)
        ) { $0.take($1) }
        self = scan.run
        try await flush(responses)
        guard let stopped = scan.stoppedAt else { return next }
        try await learnKeywords(true)
        return stopped
    }

    /// Pages of what is stored: while one is rendered the next ones are read, side by side.
    mutating func stored(_ range: ClosedRange<UInt32>, _ responses: ResponseStream) async throws {
        let ranges = pages(of: range)
        let (store, mailbox, account, want) = (store, mailbox, account, plan.pageDetails)
        try await withThrowingTaskGroup(of: (Int, DetailPage).self) { group in
            var read: [Int: DetailPage] = [:]
            var begun = 0
            for index in ranges.indices {
                while begun < ranges.count, begun - index < Self.pagesAhead {
                    let (number, uids) = (begun, ranges[begun])
                    group.addTask {
                        let page = try await store.page(
                            of: mailbox, account: account, uids: uids, limit: Self.pageMax, want: want)
                        return (number, page)
                    }
                    begun += 1
                }
                while read[index] == nil, let (number, page) = try await group.next() { read[number] = page }
                guard let page = read.removeValue(forKey: index) else { return }
                try await write(page, responses)
            }
        }
    }

    /// Ranges of UIDs with `pageMax` members each.
    private func pages(of range: ClosedRange<UInt32>) -> [ClosedRange<UInt32>] {
        let members = view.intersection(range)
        return stride(from: 1, through: members.count, by: Self.pageMax).compactMap { number in
            guard let first = members.select(number),
                let last = members.select(min(members.count, number + Self.pageMax - 1))
            else { return nil }
            return first.rawValue...last.rawValue
        }
    }

    private mutating func write(_ page: DetailPage, _ responses: ResponseStream) async throws {
        try await learnKeywords(page.entries.contains { flags.lacks($0.summary.flags) })
        output.reserveCapacity(Self.outputOctets)
        var places: [Range<Int>] = []
        for entry in page.entries {
            guard let number = number(of: entry.summary.uid) else { continue }
            if plan.needsHeaderFields && entry.headerFields == nil || plan.readsASCII && hasMore(entry, page) {
                // Too long to keep apart, or in no US-ASCII: they are read from the body.
                let uid = entry.summary.uid.rawValue
                _ = try await details(uid...uid, responses)
                continue
            }
            found.append(entry.summary.uid)
            write(entry, number, page, &places)
            if output.readableBytes >= Self.outputOctets - 4_096 {
                try await flush(responses)
                output.reserveCapacity(Self.outputOctets)
            }
        }
        try await flush(responses)
    }

    /// Whether there are octets above 127 in what is to be sent.
    private func hasMore(_ entry: DetailPage.Entry, _ page: DetailPage) -> Bool {
        plan.storedItems.contains { item in
            switch item {
            case .envelope: !page.withOctets(entry.envelope, \.isASCII)
            case .body: !page.withOctets(entry.bodyStructureBasic, \.isASCII)
            case .bodyStructure: !page.withOctets(entry.bodyStructure, \.isASCII)
            case .fields: !page.withOctets(entry.headerFields ?? 0..<0, \.isASCII)
            case .row, .preview, .threadID: false
            }
        }
    }

    private mutating func write(
        _ entry: DetailPage.Entry, _ number: UInt32, _ page: DetailPage, _ places: inout [Range<Int>]
    ) {
        var response = begin(number, entry.summary.uid)
        for item in plan.storedItems {
            switch item {
            case .row(let item): write(item, entry.summary, &response)
            case .envelope: page.withOctets(entry.envelope) { response.envelope($0, into: &output) }
            case .body: page.withOctets(entry.bodyStructureBasic) { response.body($0, into: &output) }
            case .bodyStructure: page.withOctets(entry.bodyStructure) { response.bodyStructure($0, into: &output) }
            case .preview: page.withOctets(entry.preview) { response.preview($0, into: &output) }
            case .threadID: response.threadID(objectIDs.thread(entry.threadID), into: &output)
            case .fields(let fields): write(fields, entry, page, &places, &response)
            }
        }
        response.end(into: &output)
    }

    private mutating func write(
        _ fields: FetchPlan.Fields, _ entry: DetailPage.Entry, _ page: DetailPage, _ places: inout [Range<Int>],
        _ response: inout FetchResponse
    ) {
        places.removeAll(keepingCapacity: true)
        page.withOctets(entry.headerFields ?? 0..<0) { lines in
            let octets = fields.filter.find(in: lines, into: &places)
            // RFC 3501 §6.4.5: an empty line ends the chosen fields, always.
            response.literal(fields.label, octets: octets + 2, into: &output)
            for place in places { output.writeBytes(UnsafeRawBufferPointer(rebasing: lines[place])) }
            output.writeStaticString("\r\n")
        }
    }
}
