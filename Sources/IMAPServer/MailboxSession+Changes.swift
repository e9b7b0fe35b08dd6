import Directory
import IMAP
import Logging
import MailCore
import MessageStore
import NIOCore
import Transport

extension MailboxSession {
    /// Tells what happened in the selected mailbox. A failure is for the log: the command itself went as it went.
    func tellChanges(_ responses: ResponseStream, expunges: Bool) async {
        guard let selected else { return }
        let isChanged = selected.notice.take(except: selected.ownModSeqs)
        do {
            if isChanged {
                try await readChanges(responses, expunges: expunges)
            } else {
                // The hub speaks before a commit's caller goes on: nobody else came in between.
                let own = selected.ownModSeqs.max().map { ModSeq(rawValue: $0) }
                if let own { self.selected?.modSeq = max(own, selected.modSeq) }
                self.selected?.ownModSeqs = []
                if expunges, !selected.vanished.isEmpty { try await tellVanished(responses) }
            }
        } catch let error as StoreError {
            log.error("changes cannot be read", metadata: ["error": "\(error.diagnostic)"])
            selected.notice.changed(selected.modSeq)
        } catch {
            // Nobody is there to be told.
        }
    }

    private func tellVanished(_ responses: ResponseStream) async throws {
        var output = ByteBuffer()
        selected?.tellVanished(into: &output)
        try await send(output, responses)
    }

    private func readChanges(_ responses: ResponseStream, expunges: Bool) async throws {
        guard let selected, let account else { return }
        guard let changes = try await changes(selected) else {
            self.selected?.vanished = [1...UInt32.max]
            if expunges { try await tellVanished(responses) }
            return
        }
        let recentFrom = changes.arrived.isEmpty ? nil : try await claimRecent(selected, changes)
        if changes.changed.contains(where: { selected.flags.lacks($0.flags) }) {
            let words = FlagWords(try await store.keywords(of: account.id))
            try await tell(words, responses)
        }
        guard let current = self.selected else { return }
        let (taken, output) = try await onCPU {
            var taken = current
            var output = ByteBuffer()
            taken.take(changes, recentFrom: recentFrom, expunges: expunges, into: &output)
            return (taken, output)
        }
        self.selected = taken
        try await send(output, responses)
    }

    /// Nil when another session deleted the mailbox (RFC 2180 §3.3): for this one it is empty from now on.
    private func changes(_ selected: Selected) async throws(StoreError) -> MailboxChanges? {
        do throws(StoreError) {
            return try await store.changes(in: selected.mailbox, since: selected.modSeq, uidNext: selected.uidNext)
        } catch {
            guard error == .noSuchMailbox else { throw error }
            return nil
        }
    }

    /// RFC 3501 §2.3.2: a message is `\Recent` in one session; one that only looks takes it from nobody.
    private func claimRecent(_ selected: Selected, _ changes: MailboxChanges) async throws -> UID? {
        selected.isReadOnly ? changes.arrived.first?.uid : try await store.claimRecent(selected.mailbox)
    }

    /// RFC 3501 §7.2.6: keywords that were made since are told before they are used.
    func tell(_ words: FlagWords, _ responses: ResponseStream) async throws {
        guard let selected else { return }
        self.selected?.flags = words
        var output = ByteBuffer()
        output.writeFlags(words.text)
        output.writePermanentFlags(words.text, readOnly: selected.isReadOnly)
        try await send(output, responses)
    }
}
