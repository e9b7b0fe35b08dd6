import IMAP
import MailCore
import MessageStore
import NIOCore
import Transport

extension MailboxSession {
    /// RFC 3501 §6.4.6.
    func storeFlags(_ command: StoreFlags, _ responses: ResponseStream) async throws -> Engine.Answer {
        let before = try view()
        let wanted = try before.members(of: command.set, byUID: command.byUID)
        guard !wanted.isEmpty else { return .done(.ok) }
        let command = try allowed(command, before.rights)
        let changes: [FlagChange]
        do {
            changes = try await change(wanted, by: command, responses)
        } catch StoreError.keywordsChanged {
            // A keyword that no message bore was freed meanwhile, and its bit may have another name now.
            try await tellKeywords(responses)
            changes = try await change(wanted, by: command, responses)
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

    /// RFC 4314 §4: what may not be changed is left as it is, and the command fails only when that is all of it.
    private func allowed(_ command: StoreFlags, _ rights: MailboxRights) throws -> StoreFlags {
        guard !rights.isSuperset(of: .flagging) else { return command }
        var allowed = command
        allowed.flags = command.flags.allowed(by: rights)
        let lacksAll = command.flags.isEmpty ? rights.isDisjoint(with: .flagging) : allowed.flags.isEmpty
        guard !lacksAll else { throw Refusal(.no(.noPermission, "You may not change these flags here")) }
        return allowed
    }

    private func change(
        _ wanted: UIDRuns, by command: StoreFlags, _ responses: ResponseStream
    ) async throws -> [FlagChange] {
        let selected = try view()
        let (flags, version) = try await bits(
            of: command.flags, account: selected.owner, makesKeywords: command.operation != .remove)
        if selected.flags.lacks(flags) { try await tellKeywords(responses) }
        return try await store.storeFlags(
            mailbox: selected.mailbox, uids: wanted.ranges, operation: command.storeOperation,
            flags: flags,
            keywordVersion: version, unchangedSince: command.unchangedSince,
            among: selected.rights.isSuperset(of: .flagging) ? nil : selected.rights.flags)
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
