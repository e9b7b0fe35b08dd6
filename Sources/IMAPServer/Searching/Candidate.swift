import MIME
import MailCore
import MessageStore

/// A message as far as a search has read it.
struct Candidate {
    /// What was read beside the narrow row.
    enum Contents {
        /// The fields that are kept apart.
        case fields(KeptFields)
        /// The account's own lines and the message's header.
        case headers([Header])
        /// The whole message, with the account's own lines.
        indirect case message(MIME.Message, own: Header)
    }

    let row: NarrowRow
    var contents: Contents?

    init(_ row: NarrowRow, _ contents: Contents? = nil) {
        self.row = row
        self.contents = contents
    }

    /// Nil while more must be read to know.
    func satisfies(_ condition: Condition) -> Bool? {
        switch condition {
        case .constant(let value): value
        case .flags(let flags): row.flags.isSuperset(of: flags)
        case .uids(let uids): uids.contains(row.uid)
        case .internalDay(let days): days.contains(Self.day(row.internalDate, row.internalZoneMinutes))
        case .sentDay(let days): days.contains(Self.day(row.sentDate, row.sentZoneMinutes))
        case .savedDay(let days): days.contains(Self.day(row.savedAt, 0))
        case .larger(let octets): row.size > octets
        case .smaller(let octets): row.size < octets
        case .modSeq(let modSeq): row.modSeq.rawValue >= modSeq
        case .internalTime(let times): times.contains(row.internalDate)
        case .field(let text): hasField(text)
        case .body(let needle): bodyHolds(needle)
        case .text(let needle): textHolds(needle)
        case .indexed(let answer, let condition): answer.verdict(row.messageID) ?? satisfies(condition)
        case .not(let condition): satisfies(condition).map { !$0 }
        case .any(let conditions): anySatisfied(conditions)
        case .all(let conditions): allSatisfied(conditions)
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

    private func hasField(_ text: FieldText) -> Bool? {
        switch contents {
        case .fields(let fields): text.isKept ? fields.holds(text.needle, inFieldsNamed: text.nameOctets) : nil
        case .headers(let headers): headers.contains { $0.holds(text.needle, inFieldsNamed: text.name) }
        case .message(let message, let own):
            own.holds(text.needle, inFieldsNamed: text.name)
                || message.header.holds(text.needle, inFieldsNamed: text.name)
        case nil: nil
        }
    }

    private func bodyHolds(_ needle: Needle) -> Bool? {
        guard case .message(let message, _) = contents else { return nil }
        return SearchText.bodyHolds(needle, in: message)
    }

    private func textHolds(_ needle: Needle) -> Bool? {
        guard case .message(let message, let own) = contents else { return nil }
        return SearchText.holds(needle, in: own) || SearchText.holds(needle, in: message.header)
            || SearchText.bodyHolds(needle, in: message)
    }

    /// RFC 3501 §6.4.4: disregarding time and zone, so the day that is written.
    private static func day(_ seconds: Int64, _ zoneMinutes: Int) -> Int {
        let local = Int(clamping: seconds).addingReportingOverflow(zoneMinutes * 60)
        guard !local.overflow else { return 0 }
        return local.partialValue >= 0 ? local.partialValue / 86_400 : (local.partialValue &- 86_399) / 86_400
    }
}
