public import MailCore
import SQLite

/// A note on a mailbox or an account (RFC 5464 §3).
public struct Annotation: Equatable, Sendable {
    /// "/private/comment", in lower case.
    public var name: String
    public var value: [UInt8]

    public init(_ name: String, _ value: [UInt8]) {
        self.name = name
        self.value = value
    }
}

/// Why a note cannot be taken.
public enum AnnotationFailure: Error, Equatable, Sendable {
    /// A value is longer than `MessageStore.annotationOctetsMax`.
    case tooLong
    /// No room for another: of the mailbox's or the account's.
    case tooMany
    case store(StoreError)
}

extension MessageStore {
    /// Largest value, in octets.
    public static let annotationOctetsMax = 65_536
    /// Notes on one mailbox, or on the account itself.
    public static let annotationsMax = 128
    /// All values of an account together, in octets.
    public static let annotationOctetsInAllMax: Int64 = 4_194_304

    /// All notes on one mailbox (nil: on the account itself), by name.
    public func annotations(of account: AccountID, on mailbox: MailboxID?) async throws(StoreError) -> [Annotation] {
        try await read { connection in
            try connection.all(
                "SELECT name, value FROM annotation WHERE account_id = ? AND mailbox_id = ? ORDER BY name",
                .integer(account.rawValue), .integer(mailbox?.rawValue ?? 0)
            ) { Annotation($0.text(0), $0.octets(1)) }
        }
    }

    /// Sets and removes (nil) notes, all or none. Durable when it returns.
    public func annotate(
        _ changes: [(name: String, value: [UInt8]?)], account: AccountID, mailbox: MailboxID?
    ) async throws(AnnotationFailure) {
        guard changes.allSatisfy({ ($0.value?.count ?? 0) <= Self.annotationOctetsMax }) else { throw .tooLong }
        let owner = Value.integer(account.rawValue)
        let place = Value.integer(mailbox?.rawValue ?? 0)
        let isRoom: Bool
        do {
            isRoom = try await write { [hub] transaction in
                if let mailbox, try MailboxRows.byID(mailbox, transaction)?.account != account {
                    throw StoreError.noSuchMailbox
                }
                // Asked before and undone by hand: a transaction is shared with others.
                let old = try transaction.all(
                    "SELECT name, value FROM annotation WHERE account_id = ? AND mailbox_id = ?", owner, place
                ) { (name: $0.text(0), octets: $0.octets(1).count) }
                var sizes = Dictionary(old.map { ($0.name, $0.octets) }, uniquingKeysWith: { first, _ in first })
                let before = sizes.values.reduce(0, +)
                for change in changes { sizes[change.name] = change.value?.count }
                let all = try transaction.integer(
                    "SELECT coalesce(sum(length(value)), 0) FROM annotation WHERE account_id = ?", owner)
                let after = (all ?? 0) - Int64(before) + Int64(sizes.values.reduce(0, +))
                // What only becomes less is always taken.
                let isMore = sizes.count > old.count || sizes.values.reduce(0, +) > before
                guard !isMore || (sizes.count <= Self.annotationsMax && after <= Self.annotationOctetsInAllMax) else {
                    return false
                }
                transaction.afterCommit { hub.changed(account, .annotations(mailbox, changes.map(\.name))) }
                for (name, value) in changes {
                    if let value {
                        try transaction.execute(
                            "INSERT OR REPLACE INTO annotation VALUES (?, ?, ?, ?)", owner, place, .text(name),
                            .blob(value))
                    } else {
                        try transaction.execute(
                            "DELETE FROM annotation WHERE account_id = ? AND mailbox_id = ? AND name = ?", owner, place,
                            .text(name))
                    }
                }
                return true
            }
        } catch {
            throw .store(error)
        }
        guard isRoom else { throw .tooMany }
    }
}
