import MailCore
import NIOCore

/// One transaction on its way: what was asked, what was answered, what became of each recipient.
struct Dialogue: Sendable {
    /// Whose reply comes next.
    enum Position: Equatable, Sendable {
        case reset
        case mail
        /// The index in `asked`.
        case recipient(Int)
        case data
        case endOfData
    }

    let transaction: Transaction
    /// The indexes of the recipients that are named to the server; the others are settled already.
    private(set) var asked: [Int] = []
    private var settled: [RecipientResult?]
    var position = Position.mail
    /// MAIL was accepted: the server has a transaction open.
    var isOpen = false
    /// BDAT commands whose replies have not come (RFC 3030 §2).
    var chunks = 0

    init(_ transaction: Transaction, _ extensions: Extensions) {
        self.transaction = transaction
        settled = Array(repeating: nil, count: transaction.recipients.count)
        if let refusal = Self.refusal(of: transaction, extensions) {
            settle(.permanent(refusal))
        }
        for (index, recipient) in transaction.recipients.enumerated() where settled[index] == nil {
            let isSendable = recipient.isPlain || transaction.isInternationalized && recipient.isOneWord
            if isSendable { asked.append(index) } else { settled[index] = .permanent(.unsendable) }
        }
    }

    /// Why a server with these extensions cannot have the message.
    private static func refusal(of transaction: Transaction, _ extensions: Extensions) -> Reply? {
        if transaction.isInternationalized {
            guard extensions.hasSMTPUTF8 else { return .needsSMTPUTF8 }
            if transaction.reversePath.address?.isOneWord == false { return .unsendable }
        } else if transaction.reversePath.address?.isPlain == false {
            return .unsendable
        }
        // RFC 3030 §3: DATA cannot carry it.
        if transaction.isBinary, !extensions.takesBinary { return .needsBINARYMIME }
        // RFC 6152 §3: not without 8BITMIME.
        if transaction.isEightBit, !transaction.isBinary, !extensions.has8BITMIME { return .needs8BITMIME }
        // RFC 1870 §5.
        if let most = extensions.sizeOctetsMax, transaction.sizeOctets > most { return .tooBigThere }
        // RFC 8689 §4.2.1.
        if transaction.requiresTLS, !extensions.hasREQUIRETLS { return .needsREQUIRETLS }
        return nil
    }

    /// Of those that were asked, some are not refused.
    var hasAccepted: Bool { asked.contains { settled[$0] == nil } }

    /// In the order of the transaction's recipients.
    var results: [RecipientResult] { settled.map { $0 ?? .temporary(.localError) } }

    /// What is not settled yet ends so.
    mutating func settle(_ result: RecipientResult) {
        for index in settled.indices where settled[index] == nil { settled[index] = result }
    }

    /// What is not settled yet is refused by this reply.
    mutating func refuse(with reply: Reply) { settle(reply.isPermanent ? .permanent(reply) : .temporary(reply)) }

    mutating func answered(_ place: Int, _ reply: Reply) {
        guard asked.indices.contains(place), settled[asked[place]] == nil, !reply.isPositive else { return }
        settled[asked[place]] =
            reply.isPermanent && !reply.meansTooManyRecipients ? .permanent(reply) : .temporary(reply)
    }

    // MARK: Commands

    ///     MAIL FROM:<…> [SIZE=…] [BODY=…]                ; what was not announced is not used (RFC 5321 §4.1.1.11)
    func writeMail(_ extensions: Extensions, into output: inout ByteBuffer) {
        output.writeString("MAIL FROM:\(transaction.reversePath)")
        if extensions.hasSIZE { output.writeString(" SIZE=\(transaction.sizeOctets)") }
        if transaction.isBinary {
            output.writeStaticString(" BODY=BINARYMIME")
        } else if extensions.has8BITMIME {
            output.writeString(transaction.isEightBit ? " BODY=8BITMIME" : " BODY=7BIT")
        }
        if transaction.isInternationalized { output.writeStaticString(" SMTPUTF8") }
        if transaction.requiresTLS { output.writeStaticString(" REQUIRETLS") }
        if extensions.hasDSN, !transaction.noticeWords.isEmpty { output.writeString(" \(transaction.noticeWords)") }
        output.writeLineEnd()
    }

    func writeRecipient(_ place: Int, _ extensions: Extensions, into output: inout ByteBuffer) {
        guard asked.indices.contains(place) else { return }
        let index = asked[place]
        output.writeString("RCPT TO:<\(transaction.recipients[index])>")
        if extensions.hasDSN, transaction.recipientNoticeWords.indices.contains(index),
            !transaction.recipientNoticeWords[index].isEmpty
        {
            output.writeString(" \(transaction.recipientNoticeWords[index])")
        }
        output.writeLineEnd()
    }
}

extension Reply {
    static let needs8BITMIME = Reply(554, "5.6.3", "The server does not take 8-bit messages and this is one")
    static let tooBigThere = Reply(552, "5.3.4", "The message is larger than the server takes")
    static let needsBINARYMIME = Reply(554, "5.6.3", "The server does not take binary messages and this is one")
    static let needsSMTPUTF8 = Reply(553, "5.6.7", "The server does not take addresses beyond US-ASCII")
    static let needsREQUIRETLS = Reply(
        550, "5.7.30", "The server does not promise to keep to TLS, which the sender asks for")
    static let unsendable = Reply(553, "5.6.7", "The address cannot be written without SMTPUTF8")

    /// RFC 5321 §4.5.3.1.10: some servers say 552 where 452 is meant.
    fileprivate var meansTooManyRecipients: Bool { code == 552 && (enhancedCode == nil || enhancedCode == "5.5.3") }
}

extension EmailAddress {
    /// It can be written in a command of RFC 6531, and cannot end it.
    var isOneWord: Bool { description.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f } }

    /// Nothing but printable US-ASCII: it can be written in a command, and cannot end it.
    var isPlain: Bool {
        localPart.utf8.allSatisfy { (0x20...0x7e).contains($0) }
            && domain.utf8.allSatisfy { (0x21...0x7e).contains($0) }
    }
}
