import Control
import Directory
import Logging
import MailCore
import MessageStore

extension Administrator {
    /// Messages in one listing, and brought back by one command.
    private static let listedMax = 1_000

    func listKept(_ address: String, _ filter: DeletedFilter) async throws(Failure) -> Outcome {
        let store = try store(to: "list deleted messages")
        return try await attempt("list the deleted messages of \(address)") {
            let kept = try await kept(address, filter, store).messages
            let report = Report(
                "messages",
                columns: [
                    .init("expungedAt", "DELETED", .time), .init("folder", "FOLDER"), .init("uid", "UID", .integer),
                    .init("octets", "SIZE", .octets), .init("by", "BY"), .init("sender", "SENDER"),
                    .init("subject", "SUBJECT"),
                ],
                rows: kept.map {
                    [
                        "\($0.expungedAt)", $0.mailboxName, "\($0.key.uid.rawValue)", "\($0.size)", $0.actor,
                        $0.reversePath, $0.subject,
                    ]
                })
            var message = kept.isEmpty ? "Nothing that was deleted is like that, or it is kept no longer." : ""
            if kept.count == Self.listedMax { message = "Only the last \(Self.listedMax) are listed." }
            return Outcome(message, reports: [report])
        }
    }

    func undelete(_ address: String, _ filter: DeletedFilter, into folder: String?) async throws(Failure) -> Outcome {
        let store = try store(to: "bring back messages")
        return try await attempt("bring back deleted messages of \(address)") {
            let (account, messages) = try await kept(address, filter, store)
            guard !messages.isEmpty else {
                throw Failure(
                    .notFound, "nothing-deleted", tried: "",
                    obstacle: "nothing that was deleted is like that, or it is kept no longer",
                    next: "See what there is with: postino undelete \(address) --list. Older mail may be in a backup.")
            }
            let count = try await store.bringBack(messages.map(\.key), account: account, into: folder)
            log.notice("messages brought back", metadata: ["mailbox": "\(address)", "messages": "\(count)"])
            let places = folder.map { [$0] } ?? Array(Set(messages.map(\.mailboxName))).sorted()
            var sentence =
                "Brought back \(count) message\(count == 1 ? "" : "s") into \(places.joined(separator: ", "))."
            if messages.count == Self.listedMax { sentence += " There may be more: run it again." }
            return Outcome(sentence)
        }
    }

    private func kept(
        _ address: String, _ filter: DeletedFilter, _ store: MessageStore
    ) async throws -> (account: AccountID, messages: [KeptMessage]) {
        let account = try await account(named: address).id
        var wanted = KeptFilter(
            mailboxName: filter.folder, since: filter.since, until: filter.until, subject: filter.subject)
        guard let id = filter.messageID else {
            return (account, try await store.keptMessages(of: account, matching: wanted, limit: Self.listedMax))
        }
        var found: [KeptMessage] = []
        for message in try await store.messages(of: account, withMessageID: id) {
            wanted.messageID = message
            found += try await store.keptMessages(of: account, matching: wanted, limit: Self.listedMax)
        }
        return (account, found)
    }

    func purge(_ address: String, _ name: MessageName) async throws(Failure) -> Outcome {
        let store = try store(to: "erase a message")
        return try await attempt("erase the message") {
            let account = try await account(named: address).id
            let messages: [Int64]
            switch name {
            case .messageID(let id): messages = try await store.messages(of: account, withMessageID: id)
            case .place(let folder, let uid):
                let mailbox = try await store.mailbox(of: account, named: folder)
                messages = try await store.message(inMailbox: mailbox.id, uid: UID(uid)).map { [$0] } ?? []
            }
            var sentences: [String] = []
            for message in messages {
                guard let erased = try await store.erase(message, account: account) else { continue }
                log.notice(
                    "message erased", metadata: ["mailbox": "\(address)", "folders": "\(erased.mailboxNames)"])
                sentences.append(await sentence(erased))
            }
            guard !sentences.isEmpty else {
                throw Failure(
                    .notFound, "no-such-message", tried: "", obstacle: "\(address) has no such message",
                    next: "Find it with: postino trace")
            }
            return Outcome(sentences.joined(separator: "\n"))
        }
    }

    private func sentence(_ erased: ErasedMessage) async -> String {
        var text = "Erased \"\(erased.subject)\" from \(erased.mailboxNames.joined(separator: ", "))."
        text +=
            erased.isShared
            ? " Other mailboxes got the same message and still have it, so its octets stay."
            : " Its octets are off the disk."
        guard let backup else { return text }
        let sets = (try? await backup.sets(holding: erased.segment, upTo: erased.segmentEnd)) ?? []
        text +=
            sets.isEmpty
            ? " No backup set has it." : " These backup sets still have it: \(sets.joined(separator: ", "))."
        return text
    }
}
