import Control
import Directory
import MailCore

extension Administrator {
    func listMailboxes(_ domain: String?) async throws(Failure) -> Outcome {
        try await attempt("list the mailboxes") {
            var rows: [[String?]] = []
            var last: EmailAddress?
            while true {
                let page = try await registry.accounts(domain: domain, after: last, limit: 1_000)
                for row in page {
                    // Removed since the page was read: nothing is used.
                    let usage = (try? await storage.usage(of: row.account.id)) ?? AccountUsage(octets: 0, messages: 0)
                    rows.append([
                        "\(row.account.address)", "\(usage.messages)", "\(usage.octets)",
                        "\(row.disabledReason == nil)", "\(row.createdAt)",
                    ])
                }
                last = page.last?.account.address
                if page.count < 1_000 { break }
            }
            let report = Report(
                "mailboxes",
                columns: [
                    .init("address", "ADDRESS"), .init("messages", "MESSAGES", .integer),
                    .init("octets", "SIZE", .octets), .init("isEnabled", "ENABLED", .boolean),
                    .init("createdAt", "CREATED", .time),
                ], rows: rows)
            return Outcome(
                rows.isEmpty ? "No mailboxes. Add one with: postino mailbox add ADDRESS" : "", reports: [report])
        }
    }

    func showMailbox(_ text: String) async throws(Failure) -> Outcome {
        try await attempt("show the mailbox \(text)") {
            let address = try NameRules.account(text)
            guard let row = try await registry.account(address) else {
                throw DirectoryError.noSuchAccount("\(address)")
            }
            let usage = try await storage.usage(of: row.account.id)
            let routing = try await registry.routing(of: address)
            let access = try await registry.pop3Access(of: row.account.id)
            let folders = try await storage.folders(of: row.account.id).map {
                [$0.name, "\($0.messages)", "\($0.unseen)", "\($0.octets)"]
            }
            return Outcome(
                "",
                reports: [
                    Report(
                        "mailbox",
                        record: [
                            (.init("address", "Address"), "\(address)"),
                            (.init("messages", "Messages", .integer), "\(usage.messages)"),
                            (.init("octets", "Size", .octets), "\(usage.octets)"),
                            (.init("isEnabled", "May log in", .boolean), "\(row.disabledReason == nil)"),
                            (.init("disabledReason", "Closed because"), row.disabledReason),
                            (.init("mailRefusedBecause", "Mail refused because"), routing.refusalReason),
                            (.init("forwards", "Mail goes on to"), Self.listed(routing.forwards)),
                            (.init("keepsCopy", "Keeps a copy", .boolean), "\(routing.keepsCopy)"),
                            (.init("sendAs", "May send as"), Self.listed(routing.sendAs)),
                            (.init("createdAt", "Created", .time), "\(row.createdAt)"),
                            (.init("pop3", "POP3", .boolean), "\(access.isOn)"),
                            (.init("pop3LeaveDays", "POP3 leaves for days", .integer), "\(access.leaveDays)"),
                        ]),
                    Report(
                        "folders",
                        columns: [
                            .init("name", "FOLDER"), .init("messages", "MESSAGES", .integer),
                            .init("unseen", "UNSEEN", .integer), .init("octets", "SIZE", .octets),
                        ], rows: folders),
                ])
        }
    }

    /// With commas; nil for none.
    private static func listed(_ addresses: [EmailAddress]) -> String? {
        addresses.isEmpty ? nil : addresses.map(Registry.shown).joined(separator: ", ")
    }
}
