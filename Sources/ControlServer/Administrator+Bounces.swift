import Control
import Glibc
import Logging
import MailCore
import MessageStore
import OutboundQueue

extension Administrator {
    private static let examplesMax = 3

    /// A hundred refusals are mostly few things to do.
    func listReasons() async throws(Failure) -> Outcome {
        let store = try store(to: "group what was refused")
        return try await attempt("group what was refused") {
            var groups: [BounceReason: (count: Int, domains: Set<String>, example: String)] = [:]
            func add(_ text: String, _ recipient: String) {
                let reason = BounceReason(kept: text)
                var group = groups[reason] ?? (0, [], text)
                group.count += 1
                if let domain = EmailAddress(recipient)?.domain { group.domains.insert(domain) }
                groups[reason] = group
            }
            for item in try await store.finishedDeliveries(outcome: .bounced, limit: 10_000) {
                add(item.reply, item.recipient)
            }
            for row in try await store.listQueue(.init(state: .waiting), limit: 10_000) {
                if let reply = row.lastReply { add(reply, row.key.recipient) }
            }
            let rows = groups.sorted { $0.value.count > $1.value.count }.map { reason, group -> [String?] in
                let domains = group.domains.sorted()
                let shown = domains.prefix(Self.examplesMax).joined(separator: ", ")
                return [
                    reason.rawValue, "\(group.count)",
                    domains.count > Self.examplesMax ? "\(shown) and \(domains.count - Self.examplesMax) more" : shown,
                    group.example, reason.advice,
                ]
            }
            let report = Report(
                "reasons",
                columns: [
                    .init("reason", "REASON"), .init("count", "COUNT", .integer), .init("domains", "DOMAINS"),
                    .init("example", "FOR EXAMPLE"), .init("advice", "WHAT TO DO"),
                ], rows: rows)
            return Outcome(rows.isEmpty ? "Nothing was refused or put off of late." : "", reports: [report])
        }
    }

    // MARK: Rules

    func listQueueRules() async throws(Failure) -> Outcome {
        let store = try store(to: "list the rules of the queue")
        return try await attempt("list the rules of the queue") {
            let rows = try await store.queueRules().map { rule in
                ["\(rule.id)", rule.sender, rule.recipientDomain, rule.recipient, rule.reason, "\(rule.createdAt)"]
            }
            let report = Report(
                "rules",
                columns: [
                    .init("id", "ID", .integer), .init("sender", "SENDER"), .init("domain", "DOMAIN"),
                    .init("recipient", "RECIPIENT"), .init("reason", "REASON"), .init("createdAt", "SINCE", .time),
                ], rows: rows)
            return Outcome(rows.isEmpty ? "No rules: nothing is held when it is queued." : "", reports: [report])
        }
    }

    func addQueueRule(_ filter: Control.QueueFilter, _ reason: String) async throws(Failure) -> Outcome {
        let store = try store(to: "add a rule")
        return try await attempt("add a rule") {
            guard filter.id == nil, filter.state == nil, filter.reply == nil, filter.olderThanHours == nil else {
                throw Failure(
                    .usage, "bad-rule", tried: "add a rule",
                    obstacle: "a rule is about senders, domains and recipients only")
            }
            let rule = QueueRule(
                sender: filter.sender?.lowercased(), recipientDomain: filter.domain?.lowercased(),
                recipient: filter.recipient?.lowercased(), reason: reason, createdAt: Int64(time(nil)))
            guard let id = try await store.addQueueRule(rule) else {
                throw Failure(
                    .refused, "limit", tried: "add a rule", obstacle: "there are \(MessageStore.queueRulesMax) already")
            }
            log.notice("queue rule added", metadata: ["rule": "\(id)"])
            return Outcome("Rule \(id): what is like that is held when it is queued, until you release it.")
        }
    }

    func removeQueueRule(_ id: Int64) async throws(Failure) -> Outcome {
        let store = try store(to: "remove the rule \(id)")
        return try await attempt("remove the rule \(id)") {
            guard try await store.removeQueueRule(id) else {
                throw Failure(
                    .notFound, "no-such-rule", tried: "remove the rule \(id)", obstacle: "there is none of that number",
                    next: "See the rules with: postino queue rules")
            }
            return Outcome("Removed the rule \(id). What it has held stays held: postino queue release")
        }
    }

    // MARK: Suppression

    func listSuppressed() async throws(Failure) -> Outcome {
        let store = try store(to: "list the suppressed addresses")
        return try await attempt("list the suppressed addresses") {
            let rows = try await store.suppressions(limit: 10_000).map { entry in
                [entry.address, entry.reason, "\(entry.since)", entry.expiresAt.map { "\($0)" }, entry.detail]
            }
            let report = Report(
                "suppressed",
                columns: [
                    .init("address", "ADDRESS"), .init("reason", "REASON"), .init("since", "SINCE", .time),
                    .init("expiresAt", "UNTIL", .time), .init("detail", "WHAT WAS SAID"),
                ], rows: rows)
            return Outcome(rows.isEmpty ? "No address is suppressed." : "", reports: [report])
        }
    }

    func suppress(_ text: String, _ reason: String, days: Int?) async throws(Failure) -> Outcome {
        let store = try store(to: "suppress \(text)")
        return try await attempt("suppress \(text)") {
            guard let address = EmailAddress(text) else {
                throw Failure(
                    .usage, "bad-address", tried: "suppress \(text)",
                    obstacle: "it is no address of the form name@domain")
            }
            let now = Int64(time(nil))
            try await store.suppress([
                Suppression(
                    address: "\(address)", since: now, expiresAt: days.map { now + Int64(clamping: $0) * 86_400 },
                    reason: "by-command", detail: reason)
            ])
            log.notice("address suppressed", metadata: ["address": "\(address)"])
            let whom = days == nil ? "Nobody's mail" : "No bulk mail"
            return Outcome("\(whom) is sent to \(address) \(days.map { "for \($0) days" } ?? "any more").")
        }
    }

    func unsuppress(_ address: String) async throws(Failure) -> Outcome {
        let store = try store(to: "write to \(address) again")
        return try await attempt("write to \(address) again") {
            guard try await store.unsuppress(address) else {
                throw Failure(
                    .notFound, "not-suppressed", tried: "write to \(address) again",
                    obstacle: "it is not on the list", next: "See the list with: postino suppress list")
            }
            return Outcome("Mail to \(address) is sent again.")
        }
    }
}
