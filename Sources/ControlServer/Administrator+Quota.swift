import Control
import Directory
import Logging
import MailCore
import MessageStore

extension Administrator {
    private static let columns: [Report.Column] = [
        .init("name", "NAME"), .init("octets", "USED", .octets), .init("octetsMax", "OF", .octets),
        .init("messages", "MESSAGES", .integer), .init("messagesMax", "OF", .integer),
        .init("percent", "%", .integer), .init("keptOctets", "KEPT", .octets),
        .init("keptDays", "KEPT FOR DAYS", .integer),
    ]

    func showQuota(_ name: String?) async throws(Failure) -> Outcome {
        let store = try store(to: "show quotas")
        return try await attempt("show the quota\(name.map { " of \($0)" } ?? "s")") {
            var rows: [[String?]] = []
            if let name {
                rows = [try await quotaRow(name, store)]
            } else {
                for domain in try await registry.domains() {
                    rows.append(try await quotaRow(domain.name, store))
                    rows += try await limitedMailboxes(of: domain.name, store)
                }
            }
            return Outcome(
                rows.isEmpty ? "No domains, so no quotas." : "",
                reports: [Report("quotas", columns: Self.columns, rows: rows)])
        }
    }

    private func quotaRow(_ name: String, _ store: MessageStore) async throws -> [String?] {
        if name.contains("@") {
            let account = try await account(named: name)
            return Self.row("\(account.address)", try await store.quotaState(of: account.id), keptDays: nil)
        }
        let (state, days) = try await store.quotaState(of: try await registry.domain(name))
        return Self.row(name, state, keptDays: days)
    }

    private func limitedMailboxes(of domain: String, _ store: MessageStore) async throws -> [[String?]] {
        var rows: [[String?]] = []
        var last: EmailAddress?
        while true {
            let page = try await registry.accounts(domain: domain, after: last, limit: 1_000)
            for row in page {
                let state = try await store.quotaState(of: row.account.id)
                if state.quota != .none { rows.append(Self.row("\(row.account.address)", state, keptDays: nil)) }
            }
            last = page.last?.account.address
            if page.count < 1_000 { return rows }
        }
    }

    private static func row(_ name: String, _ state: QuotaState, keptDays: Int?) -> [String?] {
        func limit(_ value: Int64) -> String? { value > 0 ? "\(value)" : nil }
        return [
            name, "\(state.usage.octets)", limit(state.quota.octetsMax), "\(state.usage.messages)",
            limit(state.quota.messagesMax), state.quota == .none ? nil : "\(state.quota.percentUsed(state.usage))",
            "\(state.keptOctets)", keptDays.map { "\($0)" },
        ]
    }

    func setQuota(_ name: String, _ change: QuotaChange) async throws(Failure) -> Outcome {
        let store = try store(to: "set a quota")
        return try await attempt("set the quota of \(name)") {
            if name.contains("@") {
                guard change.keptDays == nil else {
                    throw Failure(
                        .usage, "not-for-mailboxes", tried: "", obstacle: "days are kept by domain, not by mailbox",
                        next: "Name the domain: postino quota set DOMAIN --keep-days DAYS")
                }
                let account = try await account(named: name)
                let old = try await store.quotaState(of: account.id).quota
                try await store.setQuota(old.changed(change), of: account.id)
            } else {
                let domain = try await registry.domain(name)
                let old = try await store.quotaState(of: domain).state.quota
                if change.octets != nil || change.messages != nil {
                    try await store.setQuota(old.changed(change), of: domain)
                }
                if let days = change.keptDays { try await store.setRetention(days: days < 0 ? nil : days, of: domain) }
            }
            log.notice("quota set", metadata: ["of": "\(name)"])
            return Outcome(
                "Set the quota of \(name).",
                reports: [Report("quotas", columns: Self.columns, rows: [try await quotaRow(name, store)])])
        }
    }

    func recalculate(_ address: String?) async throws(Failure) -> Outcome {
        let store = try store(to: "count anew")
        return try await attempt("count anew what \(address ?? "every mailbox") holds") {
            var accounts: [Account] = []
            if let address {
                accounts = [try await account(named: address)]
            } else {
                accounts = try await allAccounts()
            }
            var wrong: [String] = []
            for account in accounts where try await store.recountUsage(of: account.id) {
                wrong.append("\(account.address)")
            }
            return Outcome(
                wrong.isEmpty
                    ? "Counted \(accounts.count) mailbox\(accounts.count == 1 ? "" : "es"): all was right."
                    : "Counted \(accounts.count): corrected \(wrong.joined(separator: ", ")).")
        }
    }

    private func allAccounts() async throws -> [Account] {
        var all: [Account] = []
        while true {
            let page = try await registry.accounts(after: all.last?.address, limit: 1_000)
            all += page.map(\.account)
            if page.count < 1_000 { return all }
        }
    }

    func account(named text: String) async throws -> Account {
        let address = try NameRules.account(text)
        guard let row = try await registry.account(address) else { throw DirectoryError.noSuchAccount("\(address)") }
        return row.account
    }
}

extension Quota {
    fileprivate func changed(_ change: QuotaChange) -> Quota {
        Quota(octetsMax: change.octets ?? octetsMax, messagesMax: change.messages ?? messagesMax)
    }
}
