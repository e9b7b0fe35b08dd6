import Directory
import IMAP
import MailCore
import MessageStore
import NIOCore
import Transport

/// RFC 5464: notes on mailboxes and on the account. Those under /private are the owner's; what another shares has only
/// those under /shared.
extension MailboxSession {
    func getMetadata(
        _ name: MailboxName?, _ query: MetadataQuery, _ responses: ResponseStream
    ) async throws -> Engine.Answer {
        var notes: [Annotation]
        if let name {
            notes = try await self.notes(on: try await annotated(name))
        } else {
            notes = try await store.annotations(of: try owner(), on: nil) + serverNotes
        }
        var longest = 0
        let values = Self.values(of: query, in: notes, longest: &longest)
        var output = ByteBuffer()
        output.writeMetadata(name, values, utf8: features.usesUTF8)
        try await send(output, responses)
        // §4.2.1: the size of the longest that was left out.
        return .done(longest > 0 ? .ok(.metadataLongEntries(longest)) : .ok)
    }

    func setMetadata(_ name: MailboxName?, _ changes: [MetadataChange]) async throws -> Engine.Answer {
        let place: Place? = if let name { try await annotated(name) } else { nil }
        try place?.require(.write)
        for change in changes {
            let parts = change.entry.utf8.split(separator: UInt8(ascii: "/"))
            guard parts.count >= 2 else { throw Refusal(.bad("An entry has a name behind /private or /shared")) }
            if name == nil, change.entry.hasPrefix("/shared/") {
                throw Refusal(.no(.noPermission, "What the server says of itself is not a client's to change"))
            }
            if place?.isOwn == false, change.entry.hasPrefix("/private/") {
                throw Refusal(.no(.metadataNoPrivate, "On another's mailbox there are shared notes only"))
            }
        }
        let account = try place?.row.account ?? owner()
        do throws(AnnotationFailure) {
            try await store.annotate(changes.map { ($0.entry, $0.value) }, account: account, mailbox: place?.row.id)
        } catch {
            switch error {
            case .tooLong:
                throw Refusal(.no(.metadataMaxSize(MessageStore.annotationOctetsMax), "This value is too long"))
            case .tooMany: throw Refusal(.no(.metadataTooMany, "There is no room for another"))
            case .store(let error): throw error
            }
        }
        return .done(.ok)
    }

    /// RFC 5464 §3.3: "l", and any right to use what is in the mailbox.
    private func annotated(_ name: MailboxName) async throws -> Place {
        let place = try await place(name, .lookUp)
        guard !place.rights.isDisjoint(with: Self.metadataRights) else {
            throw Refusal.notAllowed(lacking: .read)
        }
        return place
    }

    static let metadataRights: MailboxRights = [.read, .markSeen, .write, .insert, .post]

    func notes(on place: Place) async throws -> [Annotation] {
        let notes = try await store.annotations(of: place.row.account, on: place.row.id)
        return place.isOwn ? notes : notes.filter { $0.name.hasPrefix("/shared/") }
    }

    /// RFC 5464 §6.2.2: whom to ask, where the server itself is meant.
    private var serverNotes: [Annotation] {
        guard let account else { return [] }
        return [Annotation("/shared/admin", Array("mailto:postmaster@\(account.address.domain)".utf8))]
    }

    /// In the order of the query where one names what there is not.
    ///
    /// - Parameter longest: of the values that were left out for their length.
    static func values(
        of query: MetadataQuery, in notes: [Annotation], longest: inout Int
    ) -> [(name: String, value: [UInt8]?)] {
        var values: [(name: String, value: [UInt8]?)] = []
        for note in notes where query.matches(note.name) {
            if let bound = query.octetsMax, note.value.count > bound {
                longest = max(longest, note.value.count)
            } else {
                values.append((note.name, note.value))
            }
        }
        guard query.depth == .zero else { return values }
        let known = Set(notes.map(\.name))
        for entry in query.entries where !known.contains(entry) { values.append((entry, nil)) }
        return values
    }
}
