import MailCore
import NIOCore
import Synchronization
import Testing

@testable import MessageStore

@Suite("Quota")
struct QuotaTests {
    @Test("an account's and a domain's use are exact after deliveries, copies, moves, expunges and undeletes")
    func exact() async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder)
            let size = Int64(message("x").readableBytes)
            for name in ["a", "b", "c"] { try await test.deliver(name, to: [TestStore.ann, TestStore.bob]) }
            let inbox = try await test.inbox()
            let other = try await test.store.createMailbox(account: TestStore.ann, name: "other")
            _ = try await test.store.copy(from: inbox.id, uids: [1...2], to: other, account: TestStore.ann)
            _ = try await test.store.move(from: inbox.id, uids: [3...3], to: other, account: TestStore.ann)
            _ = try await test.store.expunge(mailbox: other, uids: [1...1], onlyDeleted: false)
            let state = try await test.store.quotaState(of: TestStore.ann)
            #expect(state.usage == Usage(octets: size * 4, messages: 4))
            #expect(state.keptOctets == size)
            #expect(
                try await test.store.quotaState(of: TestStore.domain).state.usage
                    == Usage(octets: size * 7, messages: 7))
            let kept = try await test.store.keptMessages(of: TestStore.ann)
            #expect(try await test.store.bringBack(kept.map(\.key), account: TestStore.ann) == 1)
            #expect(
                try await test.store.quotaState(of: TestStore.ann)
                    == QuotaState(usage: Usage(octets: size * 5, messages: 5), quota: .none, keptOctets: 0))
            #expect(try await test.store.check() == [])
            await test.close()
        }
    }

    @Test("a domain's quota counts all its accounts together, and holds when many append at once")
    func domain() async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder)
            try await test.store.setQuota(Quota(octetsMax: 0, messagesMax: 10), of: TestStore.domain)
            let staged = try await test.store.stage(message("x"))
            let boxes = [
                (TestStore.ann, try await test.inbox().id), (TestStore.bob, try await test.inbox(TestStore.bob).id),
            ]
            let taken = await withTaskGroup(of: Bool.self) { group in
                for index in 0..<40 {
                    group.addTask {
                        let (account, mailbox) = boxes[index % 2]
                        do throws(StoreError) {
                            _ = try await test.store.append(
                                staged, account: account, mailbox: mailbox, flags: [], internalDate: 0, zoneMinutes: 0)
                            return true
                        } catch {
                            guard case .overQuota = error else { return true }
                            return false
                        }
                    }
                }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(taken == 10)
            #expect(try await test.store.isFull(TestStore.ann, forOctets: 1))
            #expect(try await test.store.check() == [])
            await test.close()
        }
    }

    @Test("a threshold is told once on the way up, and again only after the use fell well below it")
    func thresholds() async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder)
            try await test.store.setQuota(Quota(octetsMax: 0, messagesMax: 10), of: TestStore.ann)
            let told = Mutex<[AccountID]>([])
            let subscription = test.store.hub.subscribeToQuota { account in told.withLock { $0.append(account) } }
            for index in 0..<7 { try await test.deliver("\(index)") }
            #expect(told.withLock { $0 } == [])
            try await test.deliver("8")
            #expect(told.withLock { $0 } == [TestStore.ann])
            #expect(try await test.store.accountsToWarn().map(\.percent) == [80])
            let warning = try await test.store.stage(message("Your mailbox is nearly full"))
            try await test.store.deliverQuotaWarning(warning, to: LocalCopy(account: TestStore.ann), percent: 80)
            #expect(try await test.store.accountsToWarn().isEmpty)
            let inbox = try await test.inbox()
            #expect(inbox.messages == 9)
            _ = try await test.store.expunge(mailbox: inbox.id, uids: [1...1], onlyDeleted: false)
            try await test.deliver("again 9")
            #expect(try await test.store.accountsToWarn().isEmpty)
            _ = try await test.store.expunge(mailbox: inbox.id, uids: [2...6], onlyDeleted: false)
            for index in 0..<4 { try await test.deliver("more \(index)") }
            #expect(try await test.store.accountsToWarn().map(\.percent) == [80])
            subscription.cancel()
            await test.close()
        }
    }
}
