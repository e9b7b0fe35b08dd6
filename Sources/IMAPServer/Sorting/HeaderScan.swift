import MIME
import MailCore
import MessageStore
import NIOCore

/// Goes through messages with the header fields that are kept apart, page by page.
struct HeaderScan: Sendable {
    let store: MessageStore
    let account: AccountID
    let mailbox: MailboxID
    let view: UIDRuns

    static let pageMax = 1_000

    /// Calls `take` for each message that is still there, ascending.
    func forEach(
        _ wanted: UIDRuns, headers: Bool, _ take: (MessageSummary, Header?) throws -> Void
    ) async throws {
        for span in view.spans(of: wanted) {
            var next: UInt32? = span.lowerBound
            while let first = next {
                let page = try await store.page(
                    of: mailbox, account: account, uids: first...span.upperBound, limit: Self.pageMax,
                    want: headers ? .headerFields : [])
                for entry in page.entries where wanted.contains(entry.summary.uid) {
                    try take(entry.summary, headers ? try await header(entry, page) : nil)
                }
                next = nil
                if page.entries.count >= Self.pageMax, let last = page.entries.last?.summary.uid.rawValue,
                    last < span.upperBound
                {
                    next = last + 1
                }
            }
        }
    }

    private func header(_ entry: DetailPage.Entry, _ page: DetailPage) async throws -> Header {
        if let place = entry.headerFields {
            return Header(parsing: page.withOctets(place) { ByteBuffer(bytes: $0) })
        }
        // Too long to keep apart.
        let uid = entry.summary.uid.rawValue
        let details = try await store.details(of: mailbox, account: account, uids: uid...uid, limit: 1, want: .body)
        guard let detail = details.first, let body = detail.body else { return Header(parsing: ByteBuffer()) }
        return Header(parsing: try await store.octets(of: body, range: 0..<detail.headerOctets))
    }
}
