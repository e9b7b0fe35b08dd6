import MailCore
import NIOCore

@testable import MessageStore

/// Opens what is left after the power went, and says what is wrong with it.
///
/// One folder, used again and again; by one task at a time.
struct Judge: Sendable {
    private let disk: TestDisk

    init(_ folder: String) { disk = TestDisk(folder, .plain) }

    /// - Parameters:
    ///   - allowed: what the index may hold.
    ///   - sent: what a message with that subject must be.
    /// - Returns: a sentence for each finding; empty when nothing was lost.
    func findings(_ image: DiskImage, allowed: [String], sent: [String: String]) async -> [String] {
        image.write(to: disk.root)
        return await findings(sent: sent) { rows in
            allowed.contains(rows)
                ? nil : "the index is not what was committed:\n\(difference(allowed.first ?? "", rows))"
        }
    }

    /// The same of what the folder holds already.
    ///
    /// - Parameter complaint: says what is wrong with the rows of the index; nil when nothing is.
    func findings(sent: [String: String], _ complaint: (String) -> String?) async -> [String] {
        do {
            let test = try await TestStore(on: disk, isWitnessed: false, change: Scene.shrink)
            var findings: [String] = []
            do {
                findings = try await state(test, complaint)
                findings += try await messages(test, sent)
                findings += try await afterwards(test)
            } catch {
                findings.append("\(error)")
            }
            await test.close()
            return findings
        } catch {
            return ["it does not open: \(error)"]
        }
    }

    private func state(_ test: TestStore, _ complaint: (String) -> String?) async throws -> [String] {
        var findings = try await test.store.check()
        if !Folder.names(disk.root + "/incoming").isEmpty { findings.append("incoming/ is not empty") }
        if let found = complaint(IndexRows(disk.root + "/mail.db").read() ?? "") { findings.append(found) }
        return findings
    }

    /// Every message of every mailbox and of the queue, octet by octet.
    private func messages(_ test: TestStore, _ sent: [String: String]) async throws -> [String] {
        var findings: [String] = []
        var bodies: [BodyReference] = []
        for account in [TestStore.ann, TestStore.bob, AccountID(rawValue: 3)] {
            for mailbox in try await test.store.mailboxes(of: account) {
                bodies += try await test.store.details(
                    of: mailbox.id, account: account, uids: 1...UInt32.max, limit: 1_000, want: .body
                ).compactMap(\.body)
            }
        }
        bodies += try await test.store.listQueue().map(\.body)
        for octets in try await test.store.octets(of: Array(Set(bodies))) {
            let text = String(buffer: octets)
            if sent[subject(of: text)] != text {
                findings.append("a message is not as it was sent: \(text.prefix(200))")
            }
        }
        return findings
    }

    /// Goes on as a server would: no UID is given again, and what comes is kept.
    private func afterwards(_ test: TestStore) async throws -> [String] {
        var findings: [String] = []
        try await test.makeAccounts()
        for index in 0..<3 {
            let next = try await test.inbox().uidNext
            let text = message("after \(index)", body: String(repeating: "x", count: index == 1 ? 4_000 : 10))
            let receipt = try await test.store.deliver(
                try await test.store.stage(text),
                to: [LocalCopy(account: TestStore.ann), LocalCopy(account: TestStore.bob)])
            let inbox = try await test.inbox()
            if receipt.copies[0].uid != next { findings.append("UID \(receipt.copies[0].uid) in place of \(next)") }
            if try await test.text(inbox.id, next.rawValue) != String(buffer: text) {
                findings.append("it keeps nothing")
            }
        }
        return findings + (try await test.store.check())
    }
}
