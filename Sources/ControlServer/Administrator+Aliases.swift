import Control
import Directory
import Logging
import MailCore

extension Administrator {
    func addAlias(_ text: String, _ targets: [String], _ isMembersOnly: Bool?) async throws(Failure) -> Outcome {
        try await attempt("add the alias \(text)") {
            let address = try NameRules.alias(text)
            guard !targets.isEmpty else { throw DirectoryError.invalid(text, reason: "needs a target") }
            let forwarded = try targets.map { text throws(DirectoryError) in try NameRules.target(text) }
            let warnings = try await registry.addAlias(
                address, targets: forwarded, isMembersOnly: isMembersOnly)
            let shown = Registry.shown(address)
            log.notice("alias added", metadata: ["alias": "\(shown)", "targets": "\(targets.count)"])
            let to = forwarded.map { "\($0)" }.joined(separator: ", ")
            var sentences = ["Mail to \(shown) now goes to \(to)."]
            if let isMembersOnly { sentences.append(Self.sentence(isMembersOnly)) }
            sentences += warnings.map(Self.sentence)
            return Outcome(sentences.joined(separator: "\n"))
        }
    }

    func setPosters(_ text: String, _ isMembersOnly: Bool) async throws(Failure) -> Outcome {
        try await attempt("say who may write to \(text)") {
            let address = try NameRules.alias(text)
            try await registry.setMembersOnly(address, isMembersOnly)
            let shown = Registry.shown(address)
            log.notice("alias changed", metadata: ["alias": "\(shown)", "membersOnly": "\(isMembersOnly)"])
            return Outcome("\(shown): \(Self.sentence(isMembersOnly))")
        }
    }

    private static func sentence(_ isMembersOnly: Bool) -> String {
        isMembersOnly ? "Only those it goes to may write to it." : "Anyone may write to it."
    }

    private static func sentence(_ warning: AliasWarning) -> String {
        switch warning {
        case .noSuchTarget(let target):
            "Warning: there is no \(target) here yet; until there is, mail to it is refused."
        case .loop(let target):
            "Warning: \(target) leads back to this alias; mail that only goes round is not delivered this way."
        }
    }

    func listAliases(_ domain: String?) async throws(Failure) -> Outcome {
        try await attempt("list the aliases") {
            var all: [AliasRow] = []
            while true {
                let page = try await registry.aliases(domain: domain, after: all.last, limit: 1_000)
                all += page
                if page.count < 1_000 { break }
            }
            let report = Report(
                "aliases",
                columns: [
                    .init("address", "ALIAS"), .init("target", "TARGET"),
                    .init("isMembersOnly", "MEMBERS ONLY", .boolean),
                ], rows: all.map { [Registry.shown($0.address), "\($0.target)", "\($0.isMembersOnly)"] })
            return Outcome(
                all.isEmpty ? "No aliases. Add one with: postino alias add ADDRESS TARGET…" : "", reports: [report])
        }
    }

    func removeAlias(_ text: String, _ target: String?) async throws(Failure) -> Outcome {
        try await attempt("remove the alias \(text)") {
            let address = try NameRules.alias(text)
            let only = try target.map { text throws(DirectoryError) in try NameRules.target(text) }
            let removed = try await registry.removeAlias(address, target: only)
            let shown = Registry.shown(address)
            log.notice("alias removed", metadata: ["alias": "\(shown)", "targets": "\(removed)"])
            if let only { return Outcome("Mail to \(shown) no longer goes to \(only).") }
            return Outcome("Removed the alias \(shown) with \(removed) target\(removed == 1 ? "" : "s").")
        }
    }
}
