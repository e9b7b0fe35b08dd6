import MIME
import MailCore
import MessageStore
import NIOCore

/// A message as far as a search has read it.
struct Candidate {
    var summary: MessageSummary
    /// The account's own lines and the fields that are kept apart.
    var fields: [Header]?
    /// The account's own lines and the message's header.
    var headers: [Header]?
    var message: MIME.Message?

    init(_ summary: MessageSummary) { self.summary = summary }

    /// Nil while more must be read to know.
    func satisfies(_ condition: Condition) -> Bool? {
        switch condition {
        case .constant(let value): return value
        case .flags(let flags): return summary.flags.isSuperset(of: flags)
        case .uids(let uids): return uids.contains(summary.uid)
        case .internalDay(let days): return days.contains(Self.day(summary.internalDate, summary.internalZoneMinutes))
        case .sentDay(let days): return days.contains(Self.day(summary.sentDate, summary.sentZoneMinutes))
        case .savedDay(let days): return days.contains(Self.day(summary.savedAt, 0))
        case .larger(let octets): return summary.size > octets
        case .smaller(let octets): return summary.size < octets
        case .modSeq(let modSeq): return summary.modSeq.rawValue >= modSeq
        case .internalTime(let times): return times.contains(summary.internalDate)
        case .header(let name, let needle): return hasField(name, needle)
        case .body(let needle): return message.map { $0.bodyHolds(needle) }
        case .text(let needle):
            guard let message, let headers else { return nil }
            return headers.contains { $0.holds(needle) } || message.bodyHolds(needle)
        case .not(let condition): return satisfies(condition).map { !$0 }
        case .any(let conditions): return anySatisfied(conditions)
        case .all(let conditions): return allSatisfied(conditions)
        }
    }

    private func anySatisfied(_ conditions: [Condition]) -> Bool? {
        var isOpen = false
        for condition in conditions {
            switch satisfies(condition) {
            case true?: return true
            case nil: isOpen = true
            case false?: break
            }
        }
        return isOpen ? nil : false
    }

    private func allSatisfied(_ conditions: [Condition]) -> Bool? {
        var isOpen = false
        for condition in conditions {
            switch satisfies(condition) {
            case false?: return false
            case nil: isOpen = true
            case true?: break
            }
        }
        return isOpen ? nil : true
    }

    private func hasField(_ name: String, _ needle: Needle) -> Bool? {
        guard let headers = headers ?? (HeaderFields.cover([name]) ? fields : nil) else { return nil }
        return headers.contains { header in
            header.all(name).contains { needle.isEmpty || needle.isIn(field: header.unfolded($0)) }
        }
    }

    /// RFC 3501 §6.4.4: disregarding time and zone, so the day that is written.
    private static func day(_ seconds: Int64, _ zoneMinutes: Int) -> Int {
        let local = Int(clamping: seconds).addingReportingOverflow(zoneMinutes * 60)
        guard !local.overflow else { return 0 }
        return local.partialValue >= 0 ? local.partialValue / 86_400 : (local.partialValue &- 86_399) / 86_400
    }
}

extension Header {
    /// Whether a line "Name: value", decoded, holds the text.
    func holds(_ needle: Needle) -> Bool {
        fields.contains { field in
            needle.isIn("\(name(of: field)): \(EncodedWords.decode(unfolded(field)))")
        }
    }
}

extension MIME.Message {
    /// Whether a text part, decoded, holds the text, or a header inside the body does.
    func bodyHolds(_ needle: Needle) -> Bool {
        var isFound = false
        var isRoot = true
        forEachPart { part in
            let isInside = !isRoot && part.header.holds(needle)
            isRoot = false
            isFound = isInside || part.holds(needle)
            return !isFound
        }
        return isFound
    }
}

extension Part {
    /// HTML is looked at as it is written, and then as it is read: a word may be broken by tags.
    fileprivate func holds(_ needle: Needle) -> Bool {
        guard let text = text() else { return false }
        if needle.isIn(text) { return true }
        return contentType.subtype == "html" && needle.isIn(HTML.text(of: text))
    }
}
