import Control
import Glibc
import Logging
import MailCore
import MessageStore
import NIOCore
import OutboundQueue

extension Administrator {
    /// Recipients in one listing.
    private static let listedMax = 10_000

    private var now: Int64 { Int64(time(nil)) }

    private func stored(_ filter: Control.QueueFilter) -> StoredQueueFilter { StoredQueueFilter(filter, now: now) }

    func showQueued(_ id: Int64) async throws(Failure) -> Outcome {
        let tried = "show the queued message \(id)"
        let store = try store(to: tried)
        return try await attempt(tried) {
            let rows = try await store.listQueue(.init(queueID: id), limit: Self.listedMax)
            guard let first = rows.first else { throw Self.nothingLikeThat(tried) }
            let octets = try await store.octets(of: first.body, range: 0..<min(first.body.octetCount, 65_536))
            let text = String(decoding: octets.readableBytesView, as: UTF8.self)
            let header = text.split(separator: "\r\n\r\n", maxSplits: 1).first.map(String.init) ?? ""
            let message = Report(
                "message",
                record: [
                    (.init("id", "Queued message", .integer), "\(id)"),
                    (.init("sender", "Sender"), first.reversePath.address.map { "\($0)" } ?? "<>"),
                    (.init("octets", "Size", .octets), "\(first.body.octetCount)"),
                    (.init("queuedAt", "Queued", .time), "\(first.createdAt)"),
                    (.init("expiresAt", "Tried until", .time), "\(first.expiresAt)"),
                    (.init("priority", "Priority"), first.priority == .bulk ? "bulk" : "a person's"),
                    (.init("options", "Options"), first.options),
                    (.init("header", "Header"), header.replacing("\r\n", with: "\n")),
                ])
            return Outcome("", reports: [message, Self.recipients(rows)])
        }
    }

    private static func recipients(_ rows: [QueuedRecipient]) -> Report {
        Report(
            "recipients",
            columns: [
                .init("recipient", "RECIPIENT"), .init("state", "STATE"), .init("attempts", "TRIES", .integer),
                .init("nextAttemptAt", "NEXT", .time), .init("route", "ROUTE"), .init("lastReply", "LAST REPLY"),
            ],
            rows: rows.map { row in
                let state =
                    switch row.state {
                    case .waiting: "waiting"
                    case .leased: "sending"
                    case .held: "held"
                    }
                return [
                    row.key.recipient, state, "\(row.attempts)", row.state == .held ? nil : "\(row.nextAttemptAt)",
                    row.route, row.lastReply,
                ]
            })
    }

    func holdQueue(_ filter: Control.QueueFilter, _ reason: String) async throws(Failure) -> Outcome {
        try await change("hold queued mail", "held until released") { store in
            try await store.holdQueue(stored(filter), reason: reason)
        }
    }

    func releaseQueue(_ filter: Control.QueueFilter) async throws(Failure) -> Outcome {
        try await change("release held mail", "released") { try await $0.letGoQueue(stored(filter), now: now) }
    }

    func dropQueue(_ filter: Control.QueueFilter, _ reason: String) async throws(Failure) -> Outcome {
        guard filter != Control.QueueFilter() else {
            throw Failure(
                .usage, "no-filter", tried: "drop queued mail", obstacle: "nothing says which",
                next: "Name a message, or use --domain, --sender or another filter.")
        }
        return try await change("drop queued mail", "dropped; nobody is told") { store in
            try await store.dropQueue(stored(filter), reason: reason)
        }
    }

    func rerouteQueue(_ filter: Control.QueueFilter, _ route: String?) async throws(Failure) -> Outcome {
        if let route {
            do throws(RouteRule.Fault) {
                // A password is read when the server starts, for the routes of the configuration alone.
                guard try RouteRule(route).passwordFile == nil else {
                    throw RouteRule.Fault(reason: "has a login, which only routes of the configuration have")
                }
            } catch {
                throw Failure(
                    .usage, "bad-route", tried: "send queued mail another way", obstacle: "the route \(error.reason)",
                    next: "Say \"direct\" or \"via=HOST:PORT\".")
            }
        }
        return try await change("send queued mail another way", "sent \(route ?? "as configured")") { store in
            try await store.rerouteQueue(stored(filter), route: route, now: now)
        }
    }

    private func change(
        _ tried: String, _ participle: String, _ body: (MessageStore) async throws -> Int
    ) async throws(Failure) -> Outcome {
        let store = try store(to: tried)
        return try await attempt(tried) {
            let count = try await body(store)
            guard count > 0 else { throw Self.nothingLikeThat(tried) }
            log.notice("queue changed", metadata: ["what": "\(tried)", "recipients": "\(count)"])
            return Outcome("\(count) recipient\(count == 1 ? " is" : "s are") \(participle).")
        }
    }

    private static func nothingLikeThat(_ tried: String) -> Failure {
        Failure(
            .notFound, "nothing-queued", tried: tried, obstacle: "nothing queued is like that",
            next: "See what is queued with: postino queue list")
    }

    func listFinished(_ filter: Control.QueueFilter) async throws(Failure) -> Outcome {
        let store = try store(to: "list finished deliveries")
        return try await attempt("list finished deliveries") {
            let rows = try await store.finishedDeliveries(stored(filter), limit: Self.listedMax).map { item in
                [
                    "\(item.finishedAt)", "\(item.queueID)", item.reversePath.address.map { "\($0)" } ?? "<>",
                    item.recipient, Self.word(item.outcome), "\(item.attempts + 1)", item.reply,
                ] as [String?]
            }
            let report = Report(
                "finished",
                columns: [
                    .init("finishedAt", "FINISHED", .time), .init("id", "ID", .integer), .init("sender", "SENDER"),
                    .init("recipient", "RECIPIENT"), .init("outcome", "OUTCOME"), .init("tries", "TRIES", .integer),
                    .init("reply", "LAST REPLY"),
                ], rows: rows)
            return Outcome(rows.isEmpty ? "No finished delivery is like that." : "", reports: [report])
        }
    }

    private static func word(_ outcome: FinishedDelivery.Outcome) -> String {
        switch outcome {
        case .sent: "sent"
        case .bounced: "bounced"
        case .dropped: "dropped"
        }
    }
}
