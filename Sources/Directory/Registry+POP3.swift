public import MailCore
import SQLite

/// What POP3 may do with an account.
public struct POP3Access: Equatable, Sendable {
    public var isOn: Bool
    /// What a client deletes stays in INBOX, out of POP3's sight, until it has been there for so many days; 0: it goes
    /// when it is deleted.
    public var leaveDays: Int

    public init(isOn: Bool = true, leaveDays: Int = 0) {
        self.isOn = isOn
        self.leaveDays = leaveDays
    }

    public static let leaveDaysMax = 3_650
}

extension Registry {
    /// - Throws: `noSuchAccount`.
    public func pop3Access(of account: AccountID) async throws(DirectoryError) -> POP3Access {
        try await read("find what POP3 may do") { connection in
            let access = try connection.first(
                "SELECT pop3_off, pop3_leave_days FROM account WHERE account_id = ?", .integer(account.rawValue)
            ) {
                POP3Access(
                    isOn: $0.integer(0) == 0,
                    leaveDays: Int(min(max(0, $0.integer(1)), Int64(POP3Access.leaveDaysMax))))
            }
            guard let access else { throw DirectoryError.noSuchAccount("\(account.rawValue)") }
            return access
        }
    }

    /// Counts from the next POP3 login on.
    ///
    /// - Throws: `noSuchAccount`; `invalid` for days outside 0 to `POP3Access.leaveDaysMax`.
    public func setPOP3Access(of address: EmailAddress, to access: POP3Access) async throws(DirectoryError) {
        guard (0...POP3Access.leaveDaysMax).contains(access.leaveDays) else {
            throw .invalid("\(access.leaveDays)", reason: "is no number of days from 0 to \(POP3Access.leaveDaysMax)")
        }
        try await change("set what POP3 may do") { transaction in
            let id = try Self.existing(address, transaction)
            try transaction.execute(
                "UPDATE account SET pop3_off = ?, pop3_leave_days = ? WHERE account_id = ?",
                .integer(access.isOn ? 0 : 1), .integer(Int64(access.leaveDays)), .integer(id.rawValue))
        }
    }
}
