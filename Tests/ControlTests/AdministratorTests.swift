import Control
import ControlServer
import Directory
import MailCore
import Synchronization
import Testing

@Suite("What the administrator's commands do")
struct AdministratorTests {
    @Test("A mailbox's life: added with its folders, listed, shown, renewed, removed")
    func mailbox() async throws {
        try await Fixture.with { fixture in
            let added = try await fixture.perform(.domainAdd(name: "Here.Test", postmaster: nil)).get()
            #expect(added.message.hasPrefix("Added the domain here.test."))
            let request = Request.mailboxAdd(
                mailboxes: [
                    NewMailbox(address: "Ann@here.test", password: .given("pw")),
                    NewMailbox(address: "bob@here.test", password: .generated),
                ], skippingExisting: false)
            let outcome = try await fixture.perform(request).get()
            #expect(outcome.reports[0].rows.map(\.[0]) == ["ann@here.test", "bob@here.test"])
            #expect(outcome.reports[0].rows[0][1] == nil)
            let password = try #require(outcome.reports[0].rows[1][1])
            #expect(fixture.storage.accounts.withLock { $0.count } == 2)
            guard case .ok = try await fixture.registry.authenticate(login: "bob@here.test", password: password) else {
                Issue.record("the generated password does not let in")
                return
            }
            let list = try await fixture.perform(.mailboxList(domain: nil)).get()
            #expect(
                list.reports[0].rows.map { $0[0...2].map { $0 } } == [
                    ["ann@here.test", "3", "2048"], ["bob@here.test", "3", "2048"],
                ])
            let shown = try await fixture.perform(.mailboxShow(address: "ann@here.test")).get()
            #expect(shown.reports.map(\.name) == ["mailbox", "folders"])
            let renewed = try await fixture.perform(.mailboxPassword(address: "ann@here.test", password: .given("new")))
                .get()
            #expect(renewed.message == "Set the password of ann@here.test.")
            #expect(try await fixture.registry.authenticate(login: "ann@here.test", password: "pw") == .wrong)
            _ = try await fixture.perform(.aliasAdd(address: "info@here.test", targets: ["ann@here.test"])).get()
            let removed = try await fixture.perform(.mailboxRemove(address: "ann@here.test")).get()
            #expect(
                removed.message
                    == "Removed the mailbox ann@here.test and its mail. It is no longer a target of info@here.test.")
            #expect(fixture.storage.accounts.withLock { $0.count } == 1)
        }
    }

    static let refusals: [(Request, ExitCode, String)] = [
        (.domainAdd(name: "here.test", postmaster: nil), .refused, "domain-exists"),
        (.domainAdd(name: "not a domain", postmaster: nil), .usage, "invalid"),
        (.domainAdd(name: "new.test", postmaster: "nobody"), .usage, "invalid"),
        (.domainAdd(name: "new.test", postmaster: nil, aliasOf: "gone.test"), .notFound, "no-such-domain"),
        (.mailboxForward(address: "ann@here.test", targets: ["Ann@here.test"], keepsCopy: true), .usage, "invalid"),
        (.mailboxForward(address: "bob@here.test", targets: [], keepsCopy: true), .notFound, "no-such-mailbox"),
        (.mailboxSuspend(address: "ann@here.test", reason: "a\nb", refusesMail: true), .usage, "invalid"),
        (.mailboxSuspend(address: "bob@here.test", reason: "x", refusesMail: true), .notFound, "no-such-mailbox"),
        (.mailboxResume(address: "bob@here.test"), .notFound, "no-such-mailbox"),
        (.sendAsGrant(address: "ann@here.test", others: []), .usage, "invalid"),
        (.sendAsRevoke(address: "ann@here.test", others: ["x@far.test"]), .notFound, "no-such-grant"),
        (.aliasPosters(address: "ann@here.test", membersOnly: true), .notFound, "no-such-alias"),
        (.domainRemove(name: "gone.test"), .notFound, "no-such-domain"),
        (.domainRemove(name: "here.test"), .refused, "domain-in-use"),
        (
            .mailboxAdd(
                mailboxes: [NewMailbox(address: "ann@here.test", password: .generated)], skippingExisting: false),
            .refused, "mailbox-exists"
        ),
        (
            .mailboxAdd(
                mailboxes: [NewMailbox(address: "ann@gone.test", password: .generated)], skippingExisting: false),
            .notFound, "no-such-domain"
        ),
        (
            .mailboxAdd(mailboxes: [NewMailbox(address: "ann", password: .generated)], skippingExisting: false), .usage,
            "invalid"
        ),
        (
            .mailboxAdd(mailboxes: [NewMailbox(address: "b@here.test", password: .given(""))], skippingExisting: false),
            .usage, "invalid"
        ),
        (
            .mailboxAdd(
                mailboxes: Array(repeating: NewMailbox(address: "b@here.test", password: .generated), count: 501),
                skippingExisting: false), .refused, "limit"
        ),
        (.mailboxShow(address: "bob@here.test"), .notFound, "no-such-mailbox"),
        (.mailboxPassword(address: "bob@here.test", password: .given("x")), .notFound, "no-such-mailbox"),
        (.mailboxRemove(address: "bob@here.test"), .notFound, "no-such-mailbox"),
        (.mailboxList(domain: "gone.test"), .notFound, "no-such-domain"),
        (.aliasAdd(address: "ann@here.test", targets: ["x@elsewhere.test"]), .refused, "address-taken"),
        (.aliasAdd(address: "a@here.test", targets: []), .usage, "invalid"),
        (.aliasAdd(address: "a@here.test", targets: ["x"]), .usage, "invalid"),
        (.aliasRemove(address: "a@here.test", target: nil), .notFound, "no-such-alias"),
        (.queueRetry(QueueFilter(id: 8)), .notFound, "nothing-queued"),
        (.spamLearn(as: .ham, lengths: [5]), .usage, "body-too-short"),
        (.backupVerify(set: "gone"), .notFound, "no-such-set"),
    ]

    @Test("A refusal has its exit code, its word, what was tried and what stood in the way")
    func refusals() async throws {
        try await Fixture.with { fixture in
            try await fixture.addDomainAndAnn()
            for (request, code, word) in Self.refusals {
                guard case .failure(let failure) = await fixture.perform(request) else {
                    Issue.record("done: \(request)")
                    continue
                }
                #expect(failure.code == code && failure.word == word, "\(request): \(failure)")
                #expect(!failure.tried.isEmpty && !failure.obstacle.isEmpty)
            }
        }
    }

    @Test("Aliases are added with their warnings, listed and removed")
    func aliases() async throws {
        try await Fixture.with { fixture in
            try await fixture.addDomainAndAnn()
            let added = try await fixture.perform(.aliasAdd(address: "@here.test", targets: ["ann@here.test"])).get()
            #expect(added.message == "Mail to @here.test now goes to ann@here.test.")
            let odd = try await fixture.perform(.aliasAdd(address: "a@here.test", targets: ["a@here.test"])).get()
            #expect(odd.message.contains("Warning: a@here.test leads back to this alias"))
            let list = try await fixture.perform(.aliasList(domain: nil)).get()
            #expect(
                list.reports[0].rows == [
                    ["@here.test", "ann@here.test", "false"], ["a@here.test", "a@here.test", "false"],
                ])
            _ = try await fixture.perform(.aliasPosters(address: "a@here.test", membersOnly: true)).get()
            let lists = try await fixture.perform(.aliasList(domain: nil)).get()
            #expect(lists.reports[0].rows.map(\.[2]) == ["false", "true"])
            let removed = try await fixture.perform(.aliasRemove(address: "a@here.test", target: nil)).get()
            #expect(removed.message == "Removed the alias a@here.test with 1 target.")
        }
    }

    @Test("A mailbox is forwarded, suspended and opened, and granted addresses; its record says so")
    func routing() async throws {
        try await Fixture.with { fixture in
            try await fixture.addDomainAndAnn()
            func record() async throws -> [String: String?] {
                let report = try await fixture.perform(.mailboxShow(address: "ann@here.test")).get().reports[0]
                return Dictionary(zip(report.columns.map(\.name), report.rows[0])) { $1 }
            }
            let forward = Request.mailboxForward(
                address: "ann@here.test", targets: ["x@far.test", "y@far.test"], keepsCopy: false)
            #expect(
                try await fixture.perform(forward).get().message
                    == "Mail to ann@here.test now goes to x@far.test, y@far.test in place of its mailbox.")
            _ = try await fixture.perform(.sendAsGrant(address: "ann@here.test", others: ["@far.test", "B@here.test"]))
                .get()
            let closed = Request.mailboxSuspend(address: "ann@here.test", reason: "moved", refusesMail: true)
            _ = try await fixture.perform(closed).get()
            var shown = try await record()
            #expect(shown["forwards"] == "x@far.test, y@far.test" && shown["keepsCopy"] == "false")
            #expect(shown["mailRefusedBecause"] == "moved" && shown["disabledReason"] == "moved")
            #expect(shown["sendAs"] == "@far.test, b@here.test")
            let granted = try await fixture.perform(.sendAsList(address: "ann@here.test")).get()
            #expect(granted.reports[0].rows.map(\.[1]) == ["@far.test", "b@here.test"])
            _ = try await fixture.perform(.mailboxResume(address: "ann@here.test")).get()
            _ = try await fixture.perform(.mailboxForward(address: "ann@here.test", targets: [], keepsCopy: true)).get()
            _ = try await fixture.perform(.sendAsRevoke(address: "ann@here.test", others: ["@far.test"])).get()
            shown = try await record()
            #expect(shown["forwards"] == .some(nil) && shown["mailRefusedBecause"] == .some(nil))
            #expect(shown["sendAs"] == "b@here.test")
        }
    }

    @Test("A domain has the addresses of another")
    func domainAlias() async throws {
        try await Fixture.with { fixture in
            try await fixture.addDomainAndAnn()
            let added = try await fixture.perform(
                .domainAdd(name: "too.test", postmaster: nil, aliasOf: "here.test")
            ).get()
            #expect(added.message == "Added the domain too.test. It has the addresses of here.test, those to come too.")
            let rows = try await fixture.perform(.domainList).get().reports[0].rows
            #expect(rows.map(\.[0]) == ["here.test", "too.test"] && rows.map(\.[4]) == [nil, "here.test"])
        }
    }

    @Test("Queue, classifier, backup and status are asked")
    func services() async throws {
        try await Fixture.with { fixture in
            #expect(try await fixture.perform(.queueList(QueueFilter())).get().reports[0].rows.count == 1)
            #expect(try await fixture.perform(.queueList(QueueFilter(id: 8))).get().message == "Nothing is queued.")
            #expect(
                try await fixture.perform(.queueRetry(QueueFilter())).get().message == "1 recipient is tried again now."
            )
            let body = Array("one\r\ntwo\r\n".utf8)
            let learned = try await fixture.perform(.spamLearn(as: .spam, lengths: [5, 5]), body: body).get()
            #expect(learned.message == "Learned 2 as spam.")
            #expect(fixture.spam.learned.withLock { $0 } == [Array("one\r\n".utf8), Array("two\r\n".utf8)])
            #expect(try await fixture.perform(.backupNow).get().message == "Made the backup set s1.")
            #expect(try await fixture.perform(.backupList).get().reports[0].rows.count == 1)
            #expect(try await fixture.perform(.backupVerify(set: nil)).get().code == .done)
            #expect(try await fixture.perform(.backupVerify(set: "broken")).get().code == .checkFailed)
            let status = try await fixture.perform(.status).get()
            #expect(status.json == "{\"server\": {\"version\": \"0.1.0\"},\n \"queue\": {\"waiting\": 4}}")
        }
    }

    @Test("What does not exist on a stopped server is said so")
    func stopped() async throws {
        try await Fixture.with { fixture in
            let stopped = Administrator(registry: fixture.registry, storage: fixture.storage)
            for request in [Request.status, .queueList(QueueFilter()), .spamLearn(as: .ham, lengths: [])] {
                await #expect(throws: Failure.self) { try await stopped.perform(request) }
            }
            let listing = try await stopped.perform(.domainList)
            #expect(listing.reports[0].rows.isEmpty)
        }
    }
}
