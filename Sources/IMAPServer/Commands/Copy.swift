import IMAP
import MailCore
import MessageStore
import NIOCore
import Transport

extension MailboxSession {
    /// RFC 3501 §6.4.7, RFC 4315 §3.
    func copy(_ transfer: Transfer) async throws -> Engine.Answer {
        let account = try owner()
        let (wanted, destination) = try await prepare(transfer, account)
        guard !wanted.isEmpty else { return .done(.ok) }
        let outcome = try await store.copy(
            from: try view().mailbox, uids: wanted.ranges, to: destination, account: account)
        guard let code = outcome.code else {
            if transfer.byUID { return .done(.ok) }
            throw Refusal.expunged
        }
        return .done(.ok(code))
    }

    /// RFC 6851 §4.3: COPYUID comes before the EXPUNGEs, so that the client knows what they mean.
    func move(_ transfer: Transfer, _ responses: ResponseStream) async throws -> Engine.Answer {
        let account = try owner()
        let (wanted, destination) = try await prepare(transfer, account)
        guard !wanted.isEmpty else { return .done(.ok) }
        let outcome = try await store.move(
            from: try view().mailbox, uids: wanted.ranges, to: destination, account: account)
        guard let code = outcome.code else {
            if transfer.byUID { return .done(.ok) }
            throw Refusal.expunged
        }
        var output = ByteBuffer()
        output.writeUntagged(.ok, code, "Moved")
        try await send(output, responses)
        selected?.vanished += outcome.sourceUIDs.map { $0.rawValue...$0.rawValue }
        return try await expunged(true, responses)
    }

    private func prepare(
        _ transfer: Transfer, _ account: AccountID
    ) async throws -> (wanted: UIDRuns, destination: MailboxID) {
        let wanted = try view().members(of: transfer.set, byUID: transfer.byUID)
        do {
            let row = try await store.mailbox(of: account, named: transfer.destination.text)
            guard row.isSelectable else { throw Refusal(.no(.tryCreate, "This name only holds other names")) }
            return (wanted, row.id)
        } catch let error as StoreError {
            throw Refusal(error.completionForDestination)
        }
    }
}

extension CopyOutcome {
    /// Nil when none of the messages was there any more.
    var code: ResponseCode? {
        sourceUIDs.isEmpty
            ? nil : .copyUID(uidValidity, source: sourceUIDs, destination: destinationUIDs)
    }
}
