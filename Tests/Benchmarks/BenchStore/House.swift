import Execution
import Glibc
import MailCore
import MessageStore
import NIOCore
import SQLite

/// A store in a folder of its own, with accounts, as the server opens it.
final class House: Sendable {
    let folder: String
    let database: Database
    let store: MessageStore
    let accounts: [AccountID]
    private let pool: BlockingPool

    init(in parent: String, accounts count: Int) async throws {
        var template = Array("\(parent)/bench-store-XXXXXX".utf8CString)
        folder = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) } ?? ""
        }
        database = try Database(
            options: Database.Options(path: folder + "/mail.db", chapters: [MessageStore.chapter]))
        pool = BlockingPool(name: "bench", threads: 2, queueMax: 100_000)
        let options = MessageStore.Options(directory: folder)
        store = try MessageStore(options: options, database: database, cpu: pool, files: pool)
        accounts = (1...Int64(count)).map { AccountID(rawValue: $0) }
        try await database.write { [store, accounts] transaction in
            for account in accounts {
                try store.createAccount(account, domain: DomainID(rawValue: 1), in: transaction)
            }
        }
    }

    func close() async {
        await database.close()
        pool.stop()
        _ = system("rm -rf '\(folder)'")
    }

    func inbox(_ account: AccountID) async throws -> MailboxRow {
        try await store.mailbox(of: account, named: "INBOX")
    }

    /// Parsed and digested, so that what follows is the store's work alone.
    func staged(_ count: Int, octets: Int) async throws -> [StagedMessage] {
        var messages: [StagedMessage] = []
        for index in 0..<count { messages.append(try await store.stage(Letter.octets(index, octets: octets))) }
        return messages
    }

    /// Delivers messages from several producers, each waiting for its own before the next. Milliseconds of each.
    func deliver(
        _ messages: [StagedMessage], producers: Int, pauseMilliseconds: Int = 0
    ) async throws -> [Double] {
        try await withThrowingTaskGroup(of: [Double].self) { group in
            for producer in 0..<producers {
                group.addTask { [self] in
                    var latencies: [Double] = []
                    for index in stride(from: producer, to: messages.count, by: producers) {
                        let start = now()
                        try await store.deliver(
                            messages[index], to: [LocalCopy(account: accounts[index % accounts.count])],
                            origin: Origin(.exchange, session: "bench", client: "192.0.2.1", reversePath: "a@b.test"))
                        latencies.append((now() - start) * 1_000)
                        if pauseMilliseconds > 0 { try await Task.sleep(for: .milliseconds(pauseMilliseconds)) }
                    }
                    return latencies
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }
}

/// Messages that look like mail: some twenty header lines, a text, words.
enum Letter {
    private static let words = [
        "meeting", "tomorrow", "the", "report", "please", "find", "attached", "invoice", "number", "thanks", "for",
        "your", "answer", "we", "would", "like", "to", "offer", "weather", "garden", "project", "budget", "of", "and",
    ]

    static func octets(_ number: Int, octets: Int) -> ByteBuffer {
        var random = UInt64(number) &* 6_364_136_223_846_793_005 &+ 1
        func word() -> String {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return words[Int(random >> 33) % words.count]
        }
        var text = """
            Received: from mx\(number % 50).example.org (mx.example.org [192.0.2.\(number % 250)]) by mail.example.test\r
            DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=sel; h=from:to:subject; b=abcdef\r
            From: Sender \(number % 300) <sender\(number % 300)@example.org>\r
            To: Receiver <receiver@example.test>\r
            Subject: \(word()) \(word()) \(word()) \(number)\r
            Date: Mon, 23 Nov 2026 21:\(number % 50 + 10):00 +0100\r
            Message-ID: <\(number).\(UInt32.random(in: 0...UInt32.max))@example.org>\r
            MIME-Version: 1.0\r
            Content-Type: text/plain; charset=utf-8\r
            Content-Transfer-Encoding: 8bit\r
            X-Mailer: Bench\r
            List-ID: <list.example.org>\r
            \r

            """
        text.reserveCapacity(octets + 100)
        while text.utf8.count < octets {
            var line = ""
            while line.utf8.count < 66 { line += word() + " " }
            text += line + "\r\n"
        }
        return ByteBuffer(string: text)
    }
}
