import Directory
import IMAP
import Logging
import MailCore
import MessageStore
import NIOCore
import Transport

/// RFC 4314: the owner of a mailbox has all rights always; others have what is granted to them by their address, and what
/// is granted to "anyone": every account of the owner's domain. There are no negative rights.
extension MailboxSession {
    func setACL(_ name: MailboxName, _ identifier: String, _ change: RightsChange) async throws -> Engine.Answer {
        let place = try await place(name, .administer)
        let grantee = try await grantee(identifier, place)
        guard let grantee else { throw Refusal(.no(.cannot, "The owner has all rights always")) }
        let rights = try await store.share(place.row.id, with: grantee, change)
        log.info(
            "mailbox shared",
            metadata: ["mailbox": "\(place.name)", "with": "\(identifier)", "rights": "\(rights.text)"])
        return .done(.ok)
    }

    func getACL(_ name: MailboxName, _ responses: ResponseStream) async throws -> Engine.Answer {
        let place = try await place(name, .administer)
        let shares = try await store.shares(of: place.row.id)
        let addresses = try await services.registry.addresses(
            of: Set(shares.compactMap(\.account) + [place.row.account]))
        var entries = [(identifier: addresses[place.row.account].map { "\($0)" } ?? "", rights: MailboxRights.all)]
        for share in shares {
            switch share.grantee {
            case .domain: entries.append((Self.anyone, share.rights))
            case .account(let account):
                if let address = addresses[account] { entries.append(("\(address)", share.rights)) }
            }
        }
        var output = ByteBuffer()
        output.writeACL(place.name, entries, utf8: features.usesUTF8)
        try await send(output, responses)
        return .done(.ok)
    }

    func listRights(
        _ name: MailboxName, _ identifier: String, _ responses: ResponseStream
    ) async throws -> Engine.Answer {
        let place = try await place(name, .administer)
        let grantee = try await grantee(identifier, place)
        var output = ByteBuffer()
        output.writeListRights(
            place.name, identifier, always: grantee == nil ? .all : [], utf8: features.usesUTF8)
        try await send(output, responses)
        return .done(.ok)
    }

    func myRights(_ name: MailboxName, _ responses: ResponseStream) async throws -> Engine.Answer {
        let place = try await place(name)
        // RFC 4314 §4: any of these; who has none hears of no mailbox.
        let any: MailboxRights = [.lookUp, .read, .insert, .create, .remove, .administer]
        guard !place.rights.isDisjoint(with: any) else { throw StoreError.noSuchMailbox }
        var output = ByteBuffer()
        output.writeMyRights(place.name, place.rights, utf8: features.usesUTF8)
        try await send(output, responses)
        return .done(.ok)
    }

    private static let anyone = "anyone"

    /// Whom an identifier means; nil for the owner.
    private func grantee(_ identifier: String, _ place: Place) async throws -> MailboxShare.Grantee? {
        if identifier.lowercased() == Self.anyone { return .domain }
        // RFC 4314 §2: a dash marks negative rights, which need not be had.
        guard !identifier.hasPrefix("-") else { throw Refusal(.no(.cannot, "There are no negative rights here")) }
        guard let address = EmailAddress(identifier), let row = try await services.registry.account(address) else {
            throw Refusal(.no(.cannot, "This is neither an address of a mailbox here nor \"anyone\""))
        }
        return row.account.id == place.row.account ? nil : .account(row.account.id)
    }
}
