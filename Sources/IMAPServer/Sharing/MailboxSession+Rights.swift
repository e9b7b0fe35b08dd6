import Directory
import IMAP
import MailCore
import MessageStore
import NIOCore
import Transport

extension MailboxSession {
    /// RFC 4314 §5.1.1: what another shares is used with the rights of now, not of when it was selected. Of one's own
    /// mailbox nothing is asked.
    ///
    /// - Throws: `Refusal` for a command on messages of a mailbox that is shared no more; its messages are then told to be
    ///   gone, as those of one that was deleted (RFC 2180 §3.3).
    func refreshRights(_ request: Engine.Request, _ responses: ResponseStream) async throws {
        guard let before = selected, let account, before.owner != account.id else { return }
        if !before.isLost {
            let rights = try await store.grantedRights(of: account.id, on: before.mailbox)
            guard rights != before.rights else { return }
            // They are never looked at again once it is lost: nothing may be left of them.
            selected?.rights = rights.contains(.read) ? rights : []
            selected?.isLost = !rights.contains(.read)
        }
        guard let selected else { return }
        guard !selected.isLost else {
            // Looked at by the next command that may tell it.
            selected.notice.remind()
            if request.isAboutMessages {
                throw Refusal(.no(.noPermission, "This mailbox is no longer shared with you"))
            }
            return
        }
        var output = ByteBuffer()
        output.writeFlags(selected.flags.text)
        output.writePermanentFlags(selected.flags.text, selected.flagRights)
        try await send(output, responses)
    }

    /// The rights on the selected mailbox that a command needs.
    func requireSelected(_ needed: MailboxRights) throws {
        let rights = try view().rights
        guard rights.isSuperset(of: needed) else { throw Refusal.notAllowed(lacking: needed.subtracting(rights)) }
    }
}

extension ServerSession.Request {
    /// Whether messages of the selected mailbox are read or changed.
    fileprivate var isAboutMessages: Bool {
        switch self {
        case .fetch, .store, .search, .sort, .thread, .copy, .move, .expunge: true
        case .append(let append): append.replaces != nil
        default: false
        }
    }
}

extension FlagList {
    /// Those that may be set and cleared with these rights (RFC 4314 §4).
    func allowed(by rights: MailboxRights) -> FlagList {
        FlagList(fixed: fixed.intersection(rights.flags), keywords: rights.contains(.write) ? keywords : [])
    }
}
