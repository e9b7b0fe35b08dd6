import IMAP
import MIME
import MailCore
import MessageStore
import NIOCore

/// What a FETCH needs of each message, settled once.
struct FetchPlan: Sendable {
    let items: [FetchItem]
    /// Empty: the narrow rows suffice.
    let details: DetailSet
    /// `\Seen` is set on what is fetched.
    let marksSeen: Bool
    /// FLAGS and at most UID and MODSEQ: written in one piece.
    let isFlagsOnly: Bool
    let hasUID: Bool
    let hasModSeq: Bool
    /// Flags that are told unasked come with UID and MODSEQ (RFC 7162 §3.1, §3.2.4).
    let tellsModSeqs: Bool
    /// Some section must be read from the body, of every message.
    let readsBodies: Bool
    /// Empty unless all that is asked for is kept ready to send.
    let storedItems: [StoredItem]
    /// Nothing is parsed or decoded for it.
    var isPlain: Bool {
        items.allSatisfy { item in
            switch item {
            case .binary, .binarySize: return false
            case .section(let section, _, _):
                switch section.text {
                case .headerFields: return section.isInHeaderFields
                case .headerFieldsNot: return false
                case .whole, .header, .text, .mime: return true
                }
            default: return true
            }
        }
    }

    /// What of `details` a page of what is stored needs: lines that are kept apart are all there are, the account's own
    /// included, and bodies are not looked up.
    var pageDetails: DetailSet { details.subtracting(needsHeaderFields ? [.prefix, .body] : .body) }
    /// Lines of the header that are kept apart are asked for.
    var needsHeaderFields: Bool { details.contains(.headerFields) }

    /// An item of a listing that reads no bodies.
    enum StoredItem: Sendable {
        /// The narrow row tells it.
        case row(FetchItem)
        case envelope
        case body
        case bodyStructure
        case preview
        case threadID
        case fields(Fields)
    }

    /// Chosen fields of the header.
    struct Fields: Sendable {
        var filter: FieldFilter
        /// `BODY[HEADER.FIELDS (…)] `
        var label: ByteBuffer
    }

    /// Headers are to be shown in US-ASCII (RFC 6858).
    let readsASCII: Bool

    /// Responses are UIDFETCH (RFC 9586 §3.3).
    let isUIDOnly: Bool

    /// - Parameter marksSeen: false when the mailbox is read-only.
    init(_ fetch: Fetch, marksSeen: Bool, features: Features) {
        items = fetch.items
        hasUID = items.contains(.uid)
        hasModSeq = items.contains(.modSeq)
        tellsModSeqs = features.contains(.condstore)
        isUIDOnly = features.contains(.uidOnly)
        readsASCII = !features.usesUTF8
        isFlagsOnly = items.contains(.flags) && items.allSatisfy { $0 == .flags || $0 == .uid || $0 == .modSeq }
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
            case .binary(let path, _, _), .binarySize(let path):
                details.formUnion(path.isEmpty ? [.prefix, .body] : [.structure, .body])
                readsBodies = true
            case .preview: details.insert(.preview)
            case .threadID: details.insert(.thread)
            case .flags, .uid, .internalDate, .rfc822Size, .modSeq, .emailID, .saveDate: break
            }
        }
        self.details = details
        self.readsBodies = readsBodies
        let stored = items.compactMap(Self.stored)
        storedItems = stored.count == items.count && !details.isEmpty && !self.marksSeen ? stored : []
    }

    private static func stored(_ item: FetchItem) -> StoredItem? {
        switch item {
        case .envelope: return .envelope
        case .body: return .body
        case .bodyStructure: return .bodyStructure
        case .preview: return .preview
        case .threadID: return .threadID
        case .section(let section, nil, _):
            guard section.isInHeaderFields, case .headerFields(let names) = section.text,
                let filter = FieldFilter(names)
            else { return nil }
            return .fields(Fields(filter: filter, label: FetchResponse.label(of: item)))
        case .section, .binary, .binarySize, .rfc822, .rfc822Header, .rfc822Text: return nil
        case .flags, .uid, .internalDate, .rfc822Size, .modSeq, .emailID, .saveDate: return .row(item)
        }
    }

    private static func details(of section: SectionSpec) -> DetailSet {
        // Where the lines are not kept, the body has them.
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
            .saveDate, .preview, .binary, .binarySize:
            nil
        }
    }
}
