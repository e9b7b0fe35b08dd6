internal import Execution
internal import Glibc
internal import Logging
internal import MailCore
internal import MailCrypto
internal import NIOCore
internal import Observation
internal import SQLite

/// The files in lost/: messages that the index did not know at some start, each with the accounts it was for.
struct LostFiles: Sendable {
    /// They are erased after so many days.
    static let keptDays: Int64 = 30

    let store: MessageStore

    private var folder: String { StorePaths(directory: store.options.directory).lost }

    private struct Record: Sendable {
        var accounts: [AccountID]
        var octets: ByteBuffer
        var digest: [UInt8]
        var madeAt: Int64
    }

    /// Delivers their messages to `Recovered` of each account that does not have them, and removes the files.
    func deliver() async throws(StoreError) -> [String] {
        var done: [String] = []
        for name in store.lostFiles() {
            let path = folder + "/" + name
            var count = 0
            var offset: Int? = 0
            while let start = offset {
                let (record, next) = try await blocking { Self.record(in: path, from: start) }
                if let record { count += try await deliver(record) }
                offset = next
            }
            done.append("\(count) messages of lost/\(name) are in \(MessageStore.recoveredMailbox)")
            store.layer.remove(path)
        }
        return done
    }

    /// Erases those that have been there for too long.
    func eraseOld(now: Int64) {
        for name in store.lostFiles() {
            var status = stat()
            guard stat(folder + "/" + name, &status) == 0,
                Int64(status.st_ctim.tv_sec) < now - Self.keptDays * 86_400
            else { continue }
            Log.logger("store").notice("a lost file is erased after 30 days", metadata: ["file": "\(name)"])
            store.layer.remove(folder + "/" + name)
        }
    }

    /// The next good record at or behind an offset, and where to go on; a segment of one body has its record at its end.
    private static func record(in path: String, from start: Int) -> (Record?, Int?) {
        if start == 0, let footer = SegmentScan.footer(of: path) {
            let descriptor = open(path, O_RDONLY | O_CLOEXEC)
            defer { close(descriptor) }
            return (read(footer, descriptor, at: 0), nil)
        }
        var found: (Record?, Int?) = (nil, nil)
        SegmentScan.forEachRecord(in: path, from: start) { record, offset, descriptor in
            found = (
                read(record, descriptor, at: offset + record.headerOctets),
                offset + record.headerOctets + record.storedLength
            )
            return false
        }
        return found
    }

    private static func read(_ record: SegmentRecord, _ descriptor: Int32, at offset: Int) -> Record? {
        guard record.codec == 0, record.storedLength > 0 else { return nil }
        var octets = ByteBuffer()
        octets.writeWithUnsafeMutableBytes(minimumWritableBytes: record.storedLength) { room in
            max(0, pread(descriptor, room.baseAddress, record.storedLength, off_t(offset)))
        }
        let sum = octets.withUnsafeReadableBytes { CRC32C.checksum($0) }
        guard octets.readableBytes == record.storedLength, sum == record.checksum else { return nil }
        return Record(
            accounts: record.accounts.map { AccountID(rawValue: $0) }, octets: octets, digest: record.digest,
            madeAt: record.madeAt)
    }

    private func deliver(_ record: Record) async throws(StoreError) -> Int {
        var count = 0
        for account in record.accounts where try await isMissing(record.digest, in: account) {
            let staged = try await store.stage(record.octets)
            let mailbox = try await store.write { transaction in
                try MailboxRows.make(
                    MessageStore.recoveredMailbox, specialUse: [], of: account, isSubscribed: true, in: transaction)
            }
            _ = try await store.append(
                staged, account: account, mailbox: mailbox, flags: [], internalDate: record.madeAt, zoneMinutes: 0,
                origin: Origin(.recovered), checksQuota: false)
            count += 1
        }
        return count
    }

    /// Whether an account that is there lacks a message with these octets.
    private func isMissing(_ digest: [UInt8], in account: AccountID) async throws(StoreError) -> Bool {
        try await store.read(priority: .bulk) { connection in
            let isThere = try connection.integer(
                "SELECT 1 FROM account_state WHERE account_id = ? AND removed_at IS NULL", .integer(account.rawValue))
            guard isThere != nil else { return false }
            let known = try connection.integer(
                """
                SELECT 1 FROM message AS m JOIN body AS b USING (body_id) WHERE m.account_id = ? AND b.digest = ? LIMIT 1
                """, .integer(account.rawValue), .blob(digest))
            return known == nil
        }
    }

    private func blocking<Outcome: Sendable>(
        _ work: @escaping @Sendable () -> Outcome
    ) async throws(StoreError) -> Outcome {
        do {
            return try await store.files.run(priority: .bulk, work)
        } catch {
            throw StoreError(error)
        }
    }
}
