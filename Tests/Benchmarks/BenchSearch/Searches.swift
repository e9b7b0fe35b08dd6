import IMAP
import IMAPServer
import MailCore
import MessageStore

/// Searches as IMAP performs them, measured.
struct Searches {
    private let store: MessageStore
    private let account: AccountID
    private let mailbox: MailboxID
    private let view: UIDRuns
    private let messages: Int
    private let only: String

    init(store: MessageStore, account: AccountID, messages: Int, only: String) async throws {
        self.only = only
        self.store = store
        self.account = account
        self.messages = messages
        mailbox = try await store.mailbox(of: account, named: "INBOX").id
        view = try await store.uids(of: mailbox)
        let some = view.ranges.flatMap { Array($0) }.filter { $0 % 7 == 0 }.map { $0...$0 }
        _ = try await store.storeFlags(mailbox: mailbox, uids: some, operation: .add, flags: .seen)
    }

    func measureRows() async throws {
        print("\nrows")
        let day = CalendarDate(year: 2026, month: 11, day: 23)
        guard let day else { return }
        try await measure("ALL", .all)
        try await measure("SEEN", .flag(.fixed(.seen)))
        try await measure("UNSEEN", .not(.flag(.fixed(.seen))))
        try await measure("OR SEEN FLAGGED", .or(.flag(.fixed(.seen)), .flag(.fixed(.flagged))))
        try await measure("LARGER 3900", .larger(3_900))
        try await measure("SMALLER 100", .smaller(100))
        try await measure("SINCE", .since(day))
        try await measure("SENTON", .sentOn(day))
        try await measure("SENTBEFORE", .sentBefore(day))
    }

    func measureSome() async throws {
        try await measure("TEXT, a word in \(messages / 50)", .text("zqthousand0"), runs: 3)
        try await measure("BODY, a word in \(messages / 50)", .body("zqthousand0"), runs: 3)
        try await measure("SUBJECT, a word", .subject("ing"), runs: 5)
        try await measure("FROM, all", .from(".example"), runs: 5)
    }

    func measureAll() async throws {
        try await measure("TEXT, a word in \(messages / 5_000)", .text("zqfew0"))
        try await measure("TEXT, a word in \(messages / 50)", .text("zqthousand0"))
        try await measure("BODY, a word in \(messages / 50)", .body("zqthousand0"))
        try await measure("TEXT, a word in \(messages / 2)", .text("zqmany0"))
        try await measure("TEXT, a word in none", .text("zqnowhere"))
        try await measure("TEXT, a fragment", .text("qthous"))
        try await measure("BODY, a common fragment", .body("tion"))
        try await measure("BODY, two letters", .body("zq"))
        try await measure("TEXT, one letter", .text("e"))
        try await measure("NOT TEXT, a word", .not(.text("zqthousand0")))
        try await measure("BODY, a phrase in \(messages / 50)", .body("zqthousand0 of"))
        try await measure("TEXT, a phrase in none", .text("zqfew0 zqthousand0"))
        try await measure("UNSEEN TEXT", .and([.not(.flag(.fixed(.seen))), .text("zqthousand0")]))
        try await measure("FROM, all", .from(".example"))
        try await measure("FROM, an address", .from("@te"))
        try await measure("TO, all", .to("ann@here.test"))
        try await measure("SUBJECT, a fragment", .subject("tion"))
        try await measure("SUBJECT, a word in none", .subject("zqnowhere"))
        try await measure("CC, none", .cc("ann"))
        try await measure("HEADER Message-ID, one", .header(name: "Message-ID", text: ".17@"))
        try await measure("HEADER Date, all", .header(name: "Date", text: "Nov 2026"))
        try await measure("HEADER X-Mailer, some", .header(name: "X-Mailer", text: "1.1"))
        try await measure("HEADER X-None \"\"", .header(name: "X-None", text: ""))
        try await measure("TEXT, a separator", .text("//"), runs: 3)
    }

    private func measure(_ name: String, _ key: SearchKey, runs: Int = 9) async throws {
        guard only.isEmpty || name.contains(only) else { return }
        let keywords = try await store.keywords(of: account)
        let run = try SearchRun(
            key, store: store, account: account, mailbox: mailbox, view: view, keywords: keywords)
        var times: [Double] = []
        var cpu: [Double] = []
        var hits = 0
        for _ in 0..<(only.isEmpty ? runs : runs * 20) {
            let start = Moment()
            hits = try await run.perform().count
            let spent = Moment().since(start)
            times.append(spent.wall)
            cpu.append(spent.cpu)
        }
        print(
            "  \(padded(name, 34))\(padded("\(hits) hits", 14))\(number(times)) ms, \(number(cpu)) ms of CPU")
    }

    private func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }

    /// The median, with two digits.
    private func number(_ values: [Double]) -> String {
        let hundredths = Int(values.sorted()[values.count / 2] * 100)
        let digits = "\(hundredths % 100)"
        return "\(hundredths / 100).\(digits.count < 2 ? "0" : "")\(digits)"
    }
}
