import MailCore
import NIOCore

@testable import MessageStore

/// The steps that change something: on the store, on the model, and what the one answered against the other.
extension ModelRun {
    mutating func add(_ index: Int, _ flags: Flags, appends: Bool) async throws -> String? {
        let name = "n\(time)"
        let staged = try await test.store.stage(ByteBuffer(string: ModelMailbox.Message.text(name)))
        let uid: UID
        if appends {
            uid = try await test.store.append(
                staged, account: TestStore.ann, mailbox: mailboxes[index].id, flags: flags, internalDate: 1,
                zoneMinutes: 0
            ).1
        } else {
            uid = try await test.store.deliver(
                staged, to: [LocalCopy(account: TestStore.ann, target: .mailbox(mailboxes[index].id), flags: flags)]
            ).copies[0].uid
        }
        let expected = mailboxes[index].uidNext
        let time = time
        change(index) { $0.add(name, flags, at: time) }
        guard uid.rawValue == expected else { return "UID \(uid.rawValue), not \(expected)" }
        return try await settle(index, isChanged: true)
    }

    mutating func storeFlags(
        _ session: Int, _ numbers: ClosedRange<Int>, _ operation: FlagOperation, _ flags: Flags, _ isConditional: Bool
    ) async throws -> String? {
        let (view, index, time) = (sessions[session], index(of: session), time)
        let uids = view.uids(numbers)
        let outcome = try await test.store.storeFlags(
            mailbox: view.mailbox, uids: uids, operation: operation, flags: flags,
            unchangedSince: isConditional ? view.modSeq : nil)
        let expected = change(index) {
            $0.store(
                Set(uids.flatMap { Array($0) }), operation, flags, unchangedSince: isConditional ? view.lookedAt : nil,
                at: time)
        }
        let before = mailboxes[index].highestModSeq
        guard outcome.count == expected.count else { return "STORE names \(outcome.count), not \(expected.count)" }
        for (found, wanted) in zip(outcome, expected) {
            guard found.uid.rawValue == wanted.uid, found.flags == wanted.flags, found.isChanged == wanted.isChanged,
                found.isRefused == wanted.isRefused
            else { return "STORE says \(found), not \(wanted)" }
            guard found.isChanged == (found.modSeq > before) else { return "STORE says \(found), known was \(before)" }
        }
        return try await settle(index, isChanged: expected.contains { $0.isChanged })
    }

    mutating func expunge(_ session: Int, _ numbers: ClosedRange<Int>?, _ onlyDeleted: Bool) async throws -> String? {
        let (view, index, time) = (sessions[session], index(of: session), time)
        let uids = view.uids(numbers)
        let removed = try await test.store.expunge(
            mailbox: view.mailbox, uids: numbers == nil ? nil : uids, onlyDeleted: onlyDeleted)
        let meant = UIDRuns(uids)
        let gone = change(index) {
            $0.remove(at: time) { meant.contains(UID($0.uid)) && (!onlyDeleted || $0.flags.contains(.deleted)) }
        }
        guard removed.flatMap({ Array($0) }) == gone.map(\.uid) else {
            return "EXPUNGE removed \(removed), not \(gone.map(\.uid))"
        }
        return try await settle(index, isChanged: !gone.isEmpty)
    }

    mutating func transfer(
        _ session: Int, _ numbers: ClosedRange<Int>, _ target: Int, _ moves: Bool
    ) async throws -> String? {
        let (view, index, time) = (sessions[session], index(of: session), time)
        let uids = view.uids(numbers)
        let outcome =
            moves
            ? try await test.store.move(
                from: view.mailbox, uids: uids, to: mailboxes[target].id, account: TestStore.ann)
            : try await test.store.copy(
                from: view.mailbox, uids: uids, to: mailboxes[target].id, account: TestStore.ann)
        let meant = UIDRuns(uids)
        let source = mailboxes[index].messages.filter { meant.contains(UID($0.uid)) }
        let first = mailboxes[target].uidNext
        if moves { _ = change(index) { $0.remove(at: time) { meant.contains(UID($0.uid)) } } }
        for message in source { change(target) { $0.add(message.name, message.flags, at: time) } }
        guard outcome.sourceUIDs.map(\.rawValue) == source.map(\.uid),
            outcome.destinationUIDs.map(\.rawValue) == source.indices.map({ first + UInt32($0) })
        else { return "COPYUID \(outcome.sourceUIDs) \(outcome.destinationUIDs), not \(source.map(\.uid)) \(first)" }
        if moves && index != target, let found = try await settle(index, isChanged: !source.isEmpty) { return found }
        return try await settle(target, isChanged: !source.isEmpty)
    }

    /// The mailbox as a new session finds it, in all ways in which it can be listed.
    func differences(_ index: Int) async throws -> String? {
        let mailbox = mailboxes[index]
        let rows = try await test.store.details(
            of: mailbox.id, account: TestStore.ann, uids: 1...UInt32.max, limit: 1_000, want: [.headerFields])
        let found = rows.map {
            "\($0.summary.uid.rawValue) \($0.summary.flags) \($0.headerFields.map { String(buffer: $0) } ?? "")"
        }
        let wanted = mailbox.messages.map { "\($0.uid) \($0.flags) Subject: \($0.name)\r\n" }
        guard found == wanted else { return "\(found), not \(wanted)" }
        let uids = try await test.store.uids(of: mailbox.id)
        for (place, message) in mailbox.messages.enumerated() where uids.rank(of: UID(message.uid)) != place + 1 {
            return "UID \(message.uid) has the number \(uids.rank(of: UID(message.uid)) ?? 0), not \(place + 1)"
        }
        return uids.count == mailbox.messages.count ? nil : "\(uids.count) UIDs, not \(mailbox.messages.count)"
    }
}
