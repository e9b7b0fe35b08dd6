import IMAP
import MIME
import MailCore
import MessageStore

/// What a FETCH needs of each message, settled once.
struct FetchPlan: Sendable {
    let items: [FetchItem]
    /// Empty: the narrow rows suffice.
    let details: DetailSet
    /// `\Seen` is set on what is fetched.
    let marksSeen: Bool
    /// FLAGS and at most UID: written in one piece.
    let isFlagsOnly: Bool
    let hasUID: Bool
    /// Some section must be read from the body, of every message.
    let readsBodies: Bool

    /// - Parameter marksSeen: false when the mailbox is read-only.
    init(_ fetch: Fetch, marksSeen: Bool) {
        items = fetch.items
        hasUID = items.contains(.uid)
        isFlagsOnly = items.contains(.flags) && items.allSatisfy { $0 == .flags || $0 == .uid }
        self.marksSeen = marksSeen && items.contains(where: \.marksSeen)
        var details: DetailSet = []
        var readsBodies = false
        for item in items {
            switch item {
            case .envelope: details.insert(.envelope)
            case .body, .bodyStructure: details.insert(.structure)
            case .section(let section, _, _):
                details.formUnion(Self.details(of: section))
                if !section.isInHeaderFields { readsBodies = true }
            case .rfc822, .rfc822Header, .rfc822Text:
                details.formUnion([.prefix, .body])
                readsBodies = true
            case .flags, .uid, .internalDate, .rfc822Size, .modSeq, .emailID, .threadID, .saveDate, .preview: break
            }
        }
        self.details = details
        self.readsBodies = readsBodies
    }

    private static func details(of section: SectionSpec) -> DetailSet {
        // Where the stored lines were too long to keep, the body has them.
        if section.isInHeaderFields { return [.headerFields, .prefix, .body] }
        return section.path.isEmpty ? [.prefix, .body] : [.structure, .body]
    }
}

extension SectionSpec {
    /// Chosen fields of the message's own header, all among those that are kept apart.
    var isInHeaderFields: Bool {
        guard path.isEmpty, case .headerFields(let names) = text else { return false }
        return HeaderFields.cover(names)
    }
}

extension FetchItem {
    /// The section that an item with octets means (RFC 3501 §6.4.5: RFC822 and its like are BODY[…] by other names).
    var section: (section: SectionSpec, partial: Partial?)? {
        switch self {
        case .section(let section, let partial, _): (section, partial)
        case .rfc822: (SectionSpec(), nil)
        case .rfc822Header: (SectionSpec(text: .header), nil)
        case .rfc822Text: (SectionSpec(text: .text), nil)
        case .flags, .uid, .internalDate, .rfc822Size, .envelope, .body, .bodyStructure, .modSeq, .emailID, .threadID,
            .saveDate, .preview:
            nil
        }
    }
}
