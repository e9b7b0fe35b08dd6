import IMAP

extension MailboxSession {
    /// RFC 8437 §4.1: nothing of one login is left for the next.
    func unauthenticate() async -> Engine.Answer {
        await settleRecent()
        account = nil
        selected = nil
        watch = nil
        features = []
        spool = nil
        staged = []
        return .continued
    }
}
