internal import Execution
public import MailCore
internal import SQLite

extension MessageStore {
    /// Like `details` with the octets of bodies that are not large, read where the rows are: for one message a hop to
    /// another thread costs more than the reading.
    ///
    /// - Parameters:
    ///   - limit: at most 100 are given.
    ///   - bodyOctetsMax: larger bodies are not read.
    ///   - octetsMax: of all bodies together; the page ends behind the first that passes it.
    /// - Returns: the messages, and where the next page begins; nil behind the last one.
    public func messages(
        of mailbox: MailboxID, account: AccountID, uids: ClosedRange<UInt32>, limit: Int, want: DetailSet,
        bodyOctetsMax: Int, octetsMax: Int
    ) async throws(StoreError) -> (rows: [MessageDetail], next: UInt32?) {
        let limit = min(max(1, limit), 100)
        return try await read { [readers] connection in
            var rows = try Self.details(of: mailbox, account, uids, limit, want.union(.body), connection)
            var next: UInt32?
            if rows.count == limit, let last = rows.last?.summary.uid.rawValue, last < uids.upperBound {
                next = last + 1
            }
            var octets = 0
            for index in rows.indices {
                if let body = rows[index].body, body.octetCount <= bodyOctetsMax {
                    rows[index].octets = try readers.read(body, nil)
                    octets += body.octetCount
                }
                guard octets < octetsMax || index == rows.count - 1 else {
                    next = rows[index + 1].summary.uid.rawValue
                    rows.removeSubrange((index + 1)...)
                    break
                }
            }
            return (rows, next)
        }
    }
}
