import MailAuth
public import MailCore
public import NIOCore
import SpamScoring

/// The verdict as header fields of one recipient's copy.
extension Verdict {
    static let spamFieldName = "X-Postino-Spam"
    static let virusFieldName = "X-Postino-Virus"

    /// Authentication-Results, `X-Postino-Spam` and `X-Postino-Virus`, each folded and with CR LF; empty when the
    /// filter is off. Holds printable US-ASCII only, whatever strangers wrote.
    ///
    /// - Parameter account: one that was not examined gets what holds for all.
    public func headerLines(for account: AccountID) -> ByteBuffer {
        guard isExamined else { return ByteBuffer() }
        return ByteBuffer(string: authentication.field + spamField(part(of: account)) + virusField)
    }

    /// `X-Postino-Spam: junk p=0.97 S=+3.5; bayes=+2.9 (words: …); spf=+1.0 (fail); model=global 5165/3971`
    private func spamField(_ part: Part?) -> String {
        var field = FieldText(Self.spamFieldName)
        if let part, let score = part.score, let probability = part.probability {
            field.append(word(part, score))
            field.append("p=" + PlainText.fixed(probability, digits: 2))
            field.append("S=" + PlainText.signed(score, digits: 1))
        } else {
            let why = signals.first { $0.stage == .classifier }
            field.append(message.isForJunk ? "junk unscored" : "unscored")
            field.append("(" + PlainText.comment(why?.reason ?? "") + ")")
        }
        if message.isForJunk {
            field.next()
            field.append("policy=\(message.name)")
            field.append("(dmarc)")
        }
        if let bayes = part?.bayes { append(bayes, to: &field) }
        for signal in signals where signal.weight != 0 {
            field.next()
            field.append("\(signal.stage.rawValue)=" + PlainText.signed(signal.weight, digits: 1))
            field.append("(" + PlainText.word(signal.name) + ")")
        }
        if let bayes = part?.bayes {
            field.next()
            field.append("model=global")
            field.append("\(bayes.global.ham)/\(bayes.global.spam),")
            field.append("account")
            field.append("\(bayes.account.ham)/\(bayes.account.spam)")
            if bayes.limit == 0 { field.append("(too few to judge)") }
        }
        return field.finish()
    }

    private func append(_ bayes: SpamScore, to field: inout FieldText) {
        field.next()
        field.append("bayes=" + PlainText.signed(bayes.logOdds, digits: 1))
        guard !bayes.words.isEmpty else { return }
        let words = bayes.words.prefix(20).map {
            PlainText.word($0.text) + " " + PlainText.signed($0.weight, digits: 1)
        }
        for (index, word) in words.enumerated() {
            let start = index == 0 ? "(words: " : ""
            field.append(start + word + (index == words.count - 1 ? ")" : ","))
        }
    }

    private func word(_ part: Part, _ score: Double) -> String {
        if action(for: part.account).isForJunk { return "junk" }
        return score > 0 ? "unsure" : "ham"
    }

    /// `X-Postino-Virus: not-checked (the scanner has no signatures)`
    private var virusField: String {
        guard let signal = signals.first(where: { $0.stage == .antivirus }) else { return "" }
        var field = FieldText(Self.virusFieldName)
        field.append(PlainText.word(signal.name))
        if !signal.reason.isEmpty { field.append("(" + PlainText.comment(signal.reason) + ")") }
        return field.finish()
    }
}

/// One field, folded (RFC 5322 §2.2.3) between its pieces so that lines have at most 78 octets where pieces are short.
private struct FieldText {
    private var text: String
    private var column: Int
    private var isFirst = true

    init(_ name: String) {
        text = name + ":"
        column = text.utf8.count
    }

    /// A piece without line ends.
    mutating func append(_ piece: String) {
        let length = piece.utf8.count
        if !isFirst, column + 1 + length > 78 {
            text += "\r\n\t" + piece
            column = 8 + length
        } else {
            text += " " + piece
            column += 1 + length
        }
        isFirst = false
    }

    /// The semicolon between two statements.
    mutating func next() {
        text += ";"
        column += 1
    }

    func finish() -> String { text + "\r\n" }
}
