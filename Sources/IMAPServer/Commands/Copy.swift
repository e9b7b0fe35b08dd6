import IMAP
import MailCore
import MessageStore
import NIOCore
import Transport

extension MailboxSession {
    /// RFC 3501 §6.4.7, RFC 4315 §3.
    func copy(_ transfer: Transfer) async throws -> Engine.Answer {
        let (wanted, destination) = try await prepare(transfer)
        guard !wanted.isEmpty else { return .done(.ok) }
        let source = try view()
        let outcome = try await store.copy(
            from: source.mailbox, uids: wanted.ranges, to: destination.row.id, account: source.owner,
            into: destination.row.account, keeping: destination.keptFlags)
        guard let code = outcome.code else {
            if transfer.byUID { return .done(.ok) }
            throw Refusal.expunged
        }
        return .done(.ok(code))
    }

    /// RFC 6851 §4.3: COPYUID comes before the EXPUNGEs, so that the client knows what they mean.
    func move(_ transfer: Transfer, _ responses: ResponseStream) async throws -> Engine.Answer {
        // RFC 6851 §4.2: the rights of COPY, of \Deleted and of EXPUNGE.
        try requireSelected([.markDeleted, .expunge])
        let (wanted, destination) = try await prepare(transfer)
        guard !wanted.isEmpty else { return .done(.ok) }
        let source = try view()
        let outcome = try await store.move(
            from: source.mailbox, uids: wanted.ranges, to: destination.row.id, account: source.owner,
            into: destination.row.account, keeping: destination.keptFlags)
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

    private func prepare(_ transfer: Transfer) async throws -> (wanted: UIDRuns, destination: Place) {
        let wanted = try view().members(of: transfer.set, byUID: transfer.byUID)
        do {
            let place = try await place(transfer.destination, .insert)
            guard place.row.isSelectable else { throw Refusal(.no(.tryCreate, "This name only holds other names")) }
            return (wanted, place)
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
