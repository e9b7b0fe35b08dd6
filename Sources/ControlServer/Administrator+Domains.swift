import Control
import Directory
import Logging
import MailCore

extension Administrator {
    func addDomain(_ name: String, _ postmaster: String?) async throws(Failure) -> Outcome {
        try await attempt("add the domain \(name)") {
            let keeper = try postmaster.map { text throws(DirectoryError) in try NameRules.target(text) }
            try await registry.addDomain(name, postmaster: keeper)
            let shown = try NameRules.domain(name)
            log.notice("domain added", metadata: ["domain": "\(shown)"])
            let who = keeper.map { "\($0)" } ?? "its first mailbox"
            return Outcome("Added the domain \(shown). Mail to postmaster@\(shown) and abuse@\(shown) goes to \(who).")
        }
    }

    func addDomain(_ name: String, aliasOf other: String) async throws(Failure) -> Outcome {
        try await attempt("add the domain \(name)") {
            try await registry.addDomain(name, aliasOf: other)
            let (shown, target) = (try NameRules.domain(name), try NameRules.domain(other))
            log.notice("domain added", metadata: ["domain": "\(shown)", "aliasOf": "\(target)"])
            return Outcome("Added the domain \(shown). It has the addresses of \(target), those to come too.")
        }
    }

    func listDomains() async throws(Failure) -> Outcome {
        try await attempt("list the domains") {
            let rows = try await registry.domains().map {
                [$0.name, "\($0.accounts)", "\($0.aliases)", "\($0.createdAt)", $0.aliasOf]
            }
            let report = Report(
                "domains",
                columns: [
                    .init("name", "DOMAIN"), .init("mailboxes", "MAILBOXES", .integer),
                    .init("aliases", "ALIASES", .integer), .init("createdAt", "CREATED", .time),
                    .init("aliasOf", "ADDRESSES OF"),
                ], rows: rows)
            return Outcome(rows.isEmpty ? "No domains. Add one with: postino domain add NAME" : "", reports: [report])
        }
    }

    func removeDomain(_ name: String) async throws(Failure) -> Outcome {
        try await attempt("remove the domain \(name)") {
            try await registry.removeDomain(name)
            log.notice("domain removed", metadata: ["domain": "\(name)"])
            return Outcome("Removed the domain \(name) and its aliases.")
        }
    }
}
