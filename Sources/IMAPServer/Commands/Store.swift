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
        let wanted = try before.view.members(of: command.set, byUID: command.byUID)
        guard !wanted.isEmpty else { return .done(.ok) }
        let flags = try await bits(of: command.flags, account: account, makesKeywords: command.operation != .remove)
        if before.flags.lacks(flags) { try await tell(FlagWords(try await store.keywords(of: account)), responses) }
        let changes = try await store.storeFlags(
            mailbox: before.mailbox, uids: wanted.ranges, operation: command.storeOperation, flags: flags)
        selected?.did(Set(changes.lazy.filter(\.isChanged).map(\.modSeq.rawValue)))
        if !command.isSilent, let selected {
            let output = try await onCPU {
                Self.render(changes, selected.view, selected.recent, selected.flags.text, withUID: command.byUID)
            }
            try await send(output, responses)
        }
        if changes.count == wanted.count || command.byUID { return .done(.ok) }
        if changes.isEmpty { throw Refusal.expunged }
        return .done(.ok(.expungeIssued, "Some of these messages were expunged"))
    }

    private static func render(
        _ changes: [FlagChange], _ view: UIDRuns, _ recent: UIDRuns, _ text: FlagText, withUID: Bool
    ) -> ByteBuffer {
        var text = text
        var output = ByteBuffer()
        for change in changes {
            guard let number = view.rank(of: change.uid) else { continue }
            text.writeFetch(
                UInt32(clamping: number), uid: withUID ? change.uid : nil, change.flags,
                isRecent: recent.contains(change.uid), into: &output)
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
