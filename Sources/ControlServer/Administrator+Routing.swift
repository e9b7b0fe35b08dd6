import Control
import Directory
import Logging
import MailCore

/// Where a mailbox' mail goes, whether it is taken at all, and as whom its owner may send.
extension Administrator {
    func forward(_ text: String, to targets: [String], keepsCopy: Bool) async throws(Failure) -> Outcome {
        try await attempt("forward the mail of \(text)") {
            let address = try NameRules.account(text)
            let forwarded = try targets.map { text throws(DirectoryError) in try NameRules.target(text) }
            try await registry.setForwards(of: address, to: forwarded, keepsCopy: keepsCopy)
            log.notice("forwards set", metadata: ["address": "\(address)", "targets": "\(forwarded.count)"])
            guard !forwarded.isEmpty else { return Outcome("Mail to \(address) stays in its mailbox.") }
            let to = forwarded.map { "\($0)" }.joined(separator: ", ")
            return Outcome(
                keepsCopy
                    ? "Mail to \(address) now goes to \(to), too."
                    : "Mail to \(address) now goes to \(to) in place of its mailbox.")
        }
    }

    func suspend(_ text: String, _ reason: String, refusesMail: Bool) async throws(Failure) -> Outcome {
        try await attempt("suspend the mailbox \(text)") {
            let address = try NameRules.account(text)
            let reason = try NameRules.reason(reason)
            try await registry.setDisabled(address, reason: reason)
            try await registry.setMailRefused(address, reason: refusesMail ? reason : nil)
            log.notice("mailbox suspended", metadata: ["address": "\(address)", "reason": "\(reason)"])
            return Outcome(
                "Nobody can log in as \(address). "
                    + (refusesMail ? "Mail to it is refused with that reason." : "Mail to it is still taken."))
        }
    }

    func resume(_ text: String) async throws(Failure) -> Outcome {
        try await attempt("open the mailbox \(text)") {
            let address = try NameRules.account(text)
            try await registry.setDisabled(address, reason: nil)
            try await registry.setMailRefused(address, reason: nil)
            log.notice("mailbox opened", metadata: ["address": "\(address)"])
            return Outcome("The mailbox \(address) is open again, and mail to it is taken.")
        }
    }

    func grantSendAs(_ text: String, _ others: [String]) async throws(Failure) -> Outcome {
        try await attempt("let \(text) send as others") {
            let account = try NameRules.account(text)
            let addresses = try others.map { text throws(DirectoryError) in try NameRules.sender(text) }
            guard !addresses.isEmpty else { throw DirectoryError.invalid(text, reason: "needs an address to send as") }
            try await registry.grantSendAs(addresses, to: account)
            let shown = addresses.map(Registry.shown).joined(separator: ", ")
            log.notice("send-as granted", metadata: ["address": "\(account)", "as": "\(shown)"])
            return Outcome("\(account) may now send as \(shown).")
        }
    }

    func revokeSendAs(_ text: String, _ others: [String]) async throws(Failure) -> Outcome {
        try await attempt("take addresses from \(text)") {
            let account = try NameRules.account(text)
            let addresses = try others.map { text throws(DirectoryError) in try NameRules.sender(text) }
            let revoked = try await registry.revokeSendAs(addresses, from: account)
            log.notice("send-as revoked", metadata: ["address": "\(account)", "count": "\(revoked)"])
            guard revoked > 0 else {
                throw Failure(
                    .notFound, "no-such-grant", tried: "", obstacle: "\(account) was not granted that",
                    next: "See what it was granted with: postino send-as list \(account)")
            }
            return Outcome("\(account) may no longer send as \(addresses.map(Registry.shown).joined(separator: ", ")).")
        }
    }

    func listSendAs(_ text: String) async throws(Failure) -> Outcome {
        try await attempt("list what \(text) may send as") {
            let account = try NameRules.account(text)
            let granted = try await registry.routing(of: account).sendAs
            let report = Report(
                "sendAs", columns: [.init("address", "MAILBOX"), .init("sendAs", "MAY SEND AS")],
                rows: granted.map { ["\(account)", Registry.shown($0)] })
            return Outcome(
                granted.isEmpty ? "\(account) may send as itself and as the aliases that lead to it, no more." : "",
                reports: [report])
        }
    }
}
