import Control
import Directory
import MailCore
import MessageStore

extension Administrator {
    func trace(_ filter: TraceFilter) async throws(Failure) -> Outcome {
        let store = try store(to: "trace messages")
        return try await attempt("trace messages") {
            var wanted = TrailFilter()
            wanted.messageID = filter.messageID
            wanted.address = filter.address
            if let text = filter.address, let address = try? NameRules.account(text) {
                wanted.account = try await registry.account(address)?.account.id
            }
            wanted.subjectWords = filter.subject
            wanted.session = filter.session
            wanted.since = filter.since
            wanted.until = filter.until
            let found = try await store.timelines(matching: wanted, limit: max(1, filter.limit))
            guard !found.isEmpty else {
                throw Failure(
                    .notFound, "no-such-message", tried: "", obstacle: "no message that is known is like that",
                    next: "Ask with less: a sender, a recipient, a word of the subject, a time.")
            }
            let accounts = Set(found.flatMap { $0.events.compactMap(\.account) + $0.verdicts.map(\.account) })
            let names = try await registry.addresses(of: accounts)
            var message = ""
            if found.count == filter.limit { message = "The newest \(found.count); more with --limit." }
            return Outcome(message, reports: [TraceReport(names: names).report(found)])
        }
    }
}

/// Lives of messages as lines, oldest act first within each.
struct TraceReport {
    let names: [AccountID: EmailAddress]

    func report(_ timelines: [Timeline]) -> Report {
        Report(
            "trace",
            columns: [
                .init("message", "MESSAGE", .integer), .init("time", "TIME", .time), .init("event", "EVENT"),
                .init("address", "ADDRESS"), .init("folder", "FOLDER"), .init("uid", "UID", .integer),
                .init("detail", "DETAIL"),
            ], rows: timelines.flatMap(rows))
    }

    private func rows(_ timeline: Timeline) -> [[String?]] {
        var rows = [received(timeline.trail)]
        var told: Set<AccountID> = []
        for event in timeline.events {
            if event.kind == .delivered, let account = event.account, told.insert(account).inserted,
                let verdict = timeline.verdicts.first(where: { $0.account == account })
            {
                rows.append(
                    row(timeline.trail, event.at, "checked", name(account), detail: verdict.verdict))
            }
            let actor = event.kind == .expunged || event.kind == .purged ? event.address.map { "by \($0)" } : nil
            let who = actor == nil ? event.address ?? event.account.map(name) : event.account.map(name)
            rows.append(
                row(
                    timeline.trail, event.at, Self.word(event.kind), who, event.mailbox, event.uid,
                    detail: event.detail ?? actor))
        }
        return rows
    }

    private func received(_ trail: Trail) -> [String?] {
        let origin = trail.origin
        var parts: [String] = []
        if !origin.client.isEmpty { parts.append("from \(origin.client)") }
        if !origin.login.isEmpty { parts.append("login \(origin.login)") }
        if !origin.session.isEmpty { parts.append("session \(origin.session)") }
        parts.append("\(trail.octets) octets")
        if !trail.messageID.isEmpty { parts.append("Message-ID <\(trail.messageID)>") }
        parts.append("\"\(trail.subject)\"")
        let word =
            switch origin.kind {
            case .exchange, .append: "received"
            case .submission: "submitted"
            case .notice: "made here"
            case .recovered: "recovered"
            }
        return row(
            trail, trail.at, word, origin.reversePath.isEmpty ? nil : origin.reversePath,
            detail: parts.joined(separator: ", "))
    }

    private func row(
        _ trail: Trail, _ at: Int64, _ word: String, _ address: String?, _ folder: String? = nil, _ uid: UID? = nil,
        detail: String? = nil
    ) -> [String?] {
        ["\(trail.id)", "\(at / 1_000_000)", word, address, folder, uid.map { "\($0.rawValue)" }, detail]
    }

    private func name(_ account: AccountID) -> String {
        names[account].map { "\($0)" } ?? "account \(account.rawValue)"
    }

    private static func word(_ kind: MessageEvent.Kind) -> String {
        switch kind {
        case .refused: "refused"
        case .deferred: "deferred"
        case .delivered: "delivered"
        case .appended: "appended"
        case .copied: "copied"
        case .moved: "moved"
        case .expunged: "expunged"
        case .broughtBack: "brought back"
        case .fetchedByPOP3: "fetched by POP3"
        case .purged: "purged"
        case .queued: "queued"
        case .attempted: "attempted"
        case .sent: "sent"
        case .bounced: "bounced"
        case .held: "held"
        case .released: "released"
        case .recovered: "recovered"
        case .dropped: "dropped"
        case .rerouted: "rerouted"
        }
    }
}
