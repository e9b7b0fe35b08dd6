import IMAP
import MailCore
import MessageStore
import NIOCore
import Transport

extension MailboxSession {
    /// RFC 3501 §6.4.4.
    func search(_ command: Search, _ responses: ResponseStream) async throws -> Engine.Answer {
        let account = try owner()
        let before = try view()
        var words = before.flags
        if command.key.namesKeyword(lackingIn: words.keywords) {
            words = FlagWords(try await store.keywords(of: account))
        }
        let run = try SearchRun(
            command.key, store: store, account: account, mailbox: before.mailbox, view: before.view,
            recent: before.recent, keywords: words.keywords)
        let output = try await onCPU {
            let hits = try await run.perform()
            var output = ByteBuffer()
            let response = SearchResponse(into: &output)
            for range in hits.ranges {
                if command.byUID {
                    response.write(range, into: &output)
                } else if let first = before.view.rank(of: UID(range.lowerBound)) {
                    // Hits that adjoin as UIDs adjoin as numbers.
                    let number = UInt32(clamping: first)
                    response.write(number...(number + UInt32(clamping: range.count - 1)), into: &output)
                }
            }
            response.end(into: &output)
            return output
        }
        try await send(output, responses)
        return .done(.ok)
    }
}

extension SearchKey {
    /// Whether a keyword is asked for that may have been made since this session looked.
    fileprivate func namesKeyword(lackingIn keywords: Keywords) -> Bool {
        switch self {
        case .flag(.keyword(let name)): keywords.flag(named: name) == nil
        case .not(let key): key.namesKeyword(lackingIn: keywords)
        case .or(let first, let second):
            first.namesKeyword(lackingIn: keywords) || second.namesKeyword(lackingIn: keywords)
        case .and(let keys): keys.contains { $0.namesKeyword(lackingIn: keywords) }
        default: false
        }
    }
}
