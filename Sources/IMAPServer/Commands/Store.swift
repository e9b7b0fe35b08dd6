import IMAP
import MailCore
import MessageStore
import NIOCore
import Transport

extension MailboxSession {
    /// RFC 3501 §6.4.6.
    func storeFlags(_ command: StoreFlags, _ responses: ResponseStream) async throws -> Engine.Answer {
        let account = try owner()
        let before = try view()
        let wanted = try before.members(of: command.set, byUID: command.byUID)
        guard !wanted.isEmpty else { return .done(.ok) }
        let changes: [FlagChange]
        do {
            changes = try await change(wanted, by: command, account, responses)
        } catch StoreError.keywordsChanged {
            // A keyword that no message bore was freed meanwhile, and its bit may have another name now.
            try await tellKeywords(account, responses)
            changes = try await change(wanted, by: command, account, responses)
        }
        selected?.did(Set(changes.lazy.filter(\.isChanged).map(\.modSeq.rawValue)))
        if let selected {
            let told = changes.filter { change in
                !command.isSilent || features.contains(.condstore) || before.isUnaware(of: change)
            }
            let output = try await onCPU(unless: told.count < 20) { [features] in
                Self.render(told, selected, before, command, features)
            }
            try await send(output, responses)
        }
        return try outcome(changes, of: command, view: before.view, wanted: wanted.count)
    }

    private func change(
        _ wanted: UIDRuns, by command: StoreFlags, _ account: AccountID, _ responses: ResponseStream
    ) async throws -> [FlagChange] {
        let (flags, version) = try await bits(
            of: command.flags, account: account, makesKeywords: command.operation != .remove)
        let selected = try view()
        if selected.flags.lacks(flags) { try await tellKeywords(account, responses) }
        return try await store.storeFlags(
            mailbox: selected.mailbox, uids: wanted.ranges, operation: command.storeOperation,
            flags: flags,
            keywordVersion: version, unchangedSince: command.unchangedSince)
    }

    private func outcome(
        _ changes: [FlagChange], of command: StoreFlags, view: UIDRuns, wanted: Int
    ) throws -> Engine.Answer {
        let isWhole = changes.count == wanted || command.byUID
        let refused = UIDRuns(changes.lazy.filter(\.isRefused).map { $0.uid.rawValue...$0.uid.rawValue })
        guard refused.isEmpty else {
            // RFC 7162 §3.1.3, example 11: NO where messages are missing, too.
            let code = ResponseCode.modified(command.byUID ? refused.ranges : view.numbers(of: refused))
            return .done(isWhole ? .ok(code, "Conditional STORE failed") : .no(code, "Some messages were expunged"))
        }
        if isWhole { return .done(.ok) }
        if changes.isEmpty { throw Refusal.expunged }
        return .done(.ok(.expungeIssued, "Some of these messages were expunged"))
    }

    /// Whoever wants mod-sequences is told them for silent changes, too, and all of what was refused
    /// (RFC 7162 §3.1.3, examples 6 and 10); and everybody all of what another session had changed before.
    private static func render(
        _ changes: [FlagChange], _ selected: Selected, _ before: Selected, _ command: StoreFlags, _ features: Features
    ) -> ByteBuffer {
        var text = selected.flags.text
        var output = ByteBuffer()
        for change in changes {
            guard let rank = selected.view.rank(of: change.uid) else { continue }
            let number = UInt32(clamping: rank)
            if command.isSilent, !change.isRefused, !before.isUnaware(of: change) {
                var response =
                    features.contains(.uidOnly)
                    ? FetchResponse(only: change.uid, into: &output) : FetchResponse(number, into: &output)
                response.uid(change.uid, into: &output)
                response.modSeq(change.modSeq, into: &output)
                response.end(into: &output)
            } else {
                text.write(
                    change.flags, of: change.uid, number: number, change.modSeq,
                    isRecent: selected.recent.contains(change.uid), withUID: command.byUID, features, into: &output)
            }
        }
        return output
    }
}

extension StoreFlags {
    fileprivate var storeOperation: FlagOperation {
        switch operation {
        case .add: .add
        case .remove: .remove
        case .replace: .replace
        }
    }
}
