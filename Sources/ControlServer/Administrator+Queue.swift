import Control
import Logging
import MailCore

extension Administrator {
    /// Recipients in one listing: more nobody reads, and a queue of a million must not be made into text.
    private static let listedMax = 1_000

    func listQueue(_ filter: QueueFilter) async throws(Failure) -> Outcome {
        guard let queue else { throw Self.missing("list the queue", "there is no queue here") }
        return try await attempt("list the queue") {
            let items = try await queue.list(filter, limit: Self.listedMax)
            let rows: [[String?]] = items.map {
                [
                    "\($0.id)", $0.sender.address.map { "\($0)" } ?? "", "\($0.recipient)", "\($0.octets)",
                    "\($0.queuedAt)", "\($0.attempts)", $0.nextAttemptAt.map { "\($0)" }, $0.lastReply,
                ]
            }
            let report = Report(
                "queue",
                columns: [
                    .init("id", "ID", .integer), .init("sender", "SENDER"), .init("recipient", "RECIPIENT"),
                    .init("octets", "SIZE", .octets), .init("queuedAt", "QUEUED", .time),
                    .init("attempts", "TRIES", .integer), .init("nextAttemptAt", "NEXT", .time),
                    .init("lastReply", "LAST REPLY"),
                ], rows: rows)
            var message = rows.isEmpty ? "Nothing is queued." : ""
            if rows.count == Self.listedMax {
                message = "Only the first \(Self.listedMax) are listed. Narrow it by --domain, --sender or --reply, "
                message += "or see all of it grouped: postino queue reasons"
            }
            return Outcome(message, reports: [report])
        }
    }

    func retryQueue(_ filter: QueueFilter) async throws(Failure) -> Outcome {
        guard let queue else { throw Self.missing("retry queued mail", "there is no queue here") }
        return try await attempt("retry queued mail") {
            let count = try await queue.retry(filter)
            guard count > 0 || filter == QueueFilter() else {
                throw Failure(
                    .notFound, "nothing-queued", tried: "retry queued mail", obstacle: "nothing queued is like that",
                    next: "See what is queued with: postino queue list")
            }
            log.notice("queue retried", metadata: ["recipients": "\(count)"])
            return Outcome(
                count == 0
                    ? "Nothing is queued." : "\(count) recipient\(count == 1 ? " is" : "s are") tried again now.")
        }
    }
}
