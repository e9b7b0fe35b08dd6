import Directory
import IMAP
import MailCore
import MessageStore

/// A mailbox as one session may use it: one of its own, or one that another shares (RFC 4314).
struct Place: Sendable {
    var row: MailboxRow
    var rights: MailboxRights
    /// As its client calls it.
    var name: MailboxName
    var isOwn: Bool

    /// Flags that messages put here may bear; nil for all.
    var keptFlags: Flags? { rights.isSuperset(of: .flagging) ? nil : rights.flags }

    /// - Throws: `Refusal` where a right is missing. Who may not know that there is such a mailbox is told what is said of
    ///   one that does not exist (RFC 4314 §6).
    func require(_ needed: MailboxRights) throws {
        guard !rights.isSuperset(of: needed) else { return }
        guard rights.contains(.lookUp) else { throw StoreError.noSuchMailbox }
        throw Refusal.notAllowed(lacking: needed.subtracting(rights))
    }
}

extension Refusal {
    static func notAllowed(lacking rights: MailboxRights) -> Refusal {
        Refusal(.no(.noPermission, "You lack the right \"\(rights.text)\" here"))
    }
}

extension MailboxSession {
    /// The mailbox that a client means by a name.
    ///
    /// - Parameter needed: rights that the session must have on it.
    /// - Throws: `noSuchMailbox`; `Refusal` where a right is missing.
    func place(_ name: MailboxName, _ needed: MailboxRights) async throws -> Place {
        let place = try await place(name)
        try place.require(needed)
        return place
    }

    /// As `place(_:_:)`, whatever the rights: the caller must see to them.
    func place(_ name: MailboxName) async throws -> Place {
        let account = try owner()
        do throws(StoreError) {
            let row = try await store.mailbox(of: account, named: name.text)
            return Place(row: row, rights: .all, name: name, isOwn: true)
        } catch {
            // What a person called so before there was sharing is still reached.
            guard error == .noSuchMailbox, let shared = SharedName(name) else { throw error }
            return try await place(shared, account)
        }
    }

    private func place(_ shared: SharedName, _ account: AccountID) async throws -> Place {
        guard let owner = try await sharer(shared), owner.id != account else { throw StoreError.noSuchMailbox }
        let row = try await store.mailbox(of: owner.id, named: shared.mailbox.text)
        guard let name = MailboxName(row.name).flatMap({ SharedName(owner: owner.address, mailbox: $0).name }) else {
            throw StoreError.noSuchMailbox
        }
        return Place(row: row, rights: try await store.rights(of: account, on: row), name: name, isOwn: false)
    }

    /// Whose mailbox a shared name means; nil for nobody's.
    func sharer(_ shared: SharedName) async throws -> Account? {
        try await services.registry.account(shared.owner)?.account
    }

    /// The mailboxes that the client can be told of: its own and, with `l`, those that others share.
    func places() async throws -> [Place] {
        let account = try owner()
        let own = try await store.mailboxes(of: account).compactMap { row in
            MailboxName(row.name).map { Place(row: row, rights: .all, name: $0, isOwn: true) }
        }
        return own + (try await sharedPlaces(account))
    }

    private func sharedPlaces(_ account: AccountID) async throws -> [Place] {
        let shared = try await store.sharedMailboxes(with: account).filter { $0.rights.contains(.lookUp) }
        guard !shared.isEmpty else { return [] }
        let addresses = try await services.registry.addresses(of: Set(shared.map(\.row.account)))
        return shared.compactMap { shared in
            guard let address = addresses[shared.row.account], let mailbox = MailboxName(shared.row.name),
                let name = SharedName(owner: address, mailbox: mailbox).name
            else { return nil }
            var row = shared.row
            // What is Sent to its owner is not that to others.
            row.specialUse = []
            return Place(row: row, rights: shared.rights, name: name, isOwn: false)
        }
    }

    /// The nearest mailbox above a name of somebody else, whose rights say what can be made there (RFC 4314 §4).
    func parent(of shared: SharedName) async throws -> Place? {
        for name in shared.mailbox.ancestors.reversed() {
            guard let full = SharedName(owner: shared.owner, mailbox: name).name else { return nil }
            do {
                return try await place(full)
            } catch StoreError.noSuchMailbox {
                continue
            }
        }
        return nil
    }
}
