import Control
import Directory
import Logging
import MailCore
import MailCrypto

extension Administrator {
    func addMailboxes(_ mailboxes: [NewMailbox], _ skippingExisting: Bool) async throws(Failure) -> Outcome {
        let what = mailboxes.count == 1 ? "the mailbox \(mailboxes[0].address)" : "\(mailboxes.count) mailboxes"
        return try await attempt("add \(what)") {
            guard mailboxes.count <= Request.mailboxesMax else {
                throw DirectoryError.limit("mailboxes in one request", max: Request.mailboxesMax)
            }
            var generated: [EmailAddress: String] = [:]
            let accounts = try mailboxes.map { mailbox in
                let address = try NameRules.account(mailbox.address)
                let (password, isNew) = Self.resolved(mailbox.password)
                if isNew { generated[address] = password }
                return NewAccount(address: address, password: password)
            }
            let added = try await registry.addAccounts(accounts, skippingExisting: skippingExisting) {
                [storage] id, domain, transaction in try storage.createAccount(id, domain: domain, in: transaction)
            }
            log.notice(
                "mailboxes added",
                metadata: ["count": "\(added.count)", "first": "\(added.first.map { "\($0.address)" } ?? "")"])
            return outcome(added.map(\.address), skipped: accounts.count - added.count, generated)
        }
    }

    private func outcome(_ added: [EmailAddress], skipped: Int, _ generated: [EmailAddress: String]) -> Outcome {
        var message = added.count == 1 ? "Added the mailbox \(added[0])." : "Added \(added.count) mailboxes."
        if skipped > 0 { message += " \(skipped) \(skipped == 1 ? "was" : "were") there already." }
        if !generated.isEmpty { message += " The passwords made are shown this once." }
        let report = Report(
            "mailboxes", columns: [.init("address", "ADDRESS"), .init("password", "PASSWORD")],
            rows: added.map { ["\($0)", generated[$0]] })
        return Outcome(message, reports: [report])
    }

    func setPassword(_ text: String, _ new: NewPassword) async throws(Failure) -> Outcome {
        try await attempt("set the password of \(text)") {
            let address = try NameRules.account(text)
            let (password, isNew) = Self.resolved(new)
            try await registry.setPassword(of: address, to: password)
            log.notice("password set", metadata: ["address": "\(address)"])
            let report = Report(
                "mailboxes", columns: [.init("address", "ADDRESS"), .init("password", "PASSWORD")],
                rows: [["\(address)", isNew ? password : nil]])
            return Outcome(
                "Set the password of \(address)." + (isNew ? " It is shown this once." : ""), reports: [report])
        }
    }

    func removeMailbox(_ text: String) async throws(Failure) -> Outcome {
        try await attempt("remove the mailbox \(text)") {
            let address = try NameRules.account(text)
            let aliases = try await registry.removeAccount(address) { [storage] id, _, transaction in
                try storage.removeAccount(id, in: transaction)
            }
            log.notice("mailbox removed", metadata: ["address": "\(address)"])
            var message = "Removed the mailbox \(address) and its mail."
            if !aliases.isEmpty {
                message += " It is no longer a target of \(aliases.map(Registry.shown).joined(separator: ", "))."
            }
            return Outcome(message)
        }
    }

    func changeMailbox(_ text: String, _ change: MailboxChange) async throws(Failure) -> Outcome {
        try await attempt("change the mailbox \(text)") {
            let account = try await account(named: text)
            var access = try await registry.pop3Access(of: account.id)
            if let isOn = change.pop3 { access.isOn = isOn }
            if let days = change.pop3LeaveDays { access.leaveDays = days }
            try await registry.setPOP3Access(of: account.address, to: access)
            log.notice(
                "mailbox changed",
                metadata: [
                    "address": "\(account.address)", "pop3": "\(access.isOn)", "leaveDays": "\(access.leaveDays)",
                ])
            let left =
                access.leaveDays > 0
                ? "What POP3 deletes stays for \(access.leaveDays) days." : "What POP3 deletes goes at once."
            return Outcome("Changed the mailbox \(account.address). " + (access.isOn ? left : "POP3 is off."))
        }
    }

    private static func resolved(_ password: NewPassword) -> (text: String, isNew: Bool) {
        switch password {
        case .given(let text): (text, false)
        case .generated: (GeneratedPassword.make(), true)
        }
    }
}
