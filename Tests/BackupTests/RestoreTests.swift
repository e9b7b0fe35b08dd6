import Execution
import Glibc
import MailCore
import MessageStore
import NIOCore
import SQLite
import Testing

@testable import Backup

@Suite("Restore of a server")
struct RestoreTests {
    @Test("Every message has its UID and its octets again; the generation is raised and UIDVALIDITY is fresh")
    func whole() async throws {
        try await BackupHouse.with { house in
            try await house.deliver(30, octets: 60_000)
            try await house.deliver(1, octets: 1_200_000, from: 30)
            _ = try await house.makeSet()
            try await house.deliver(5, octets: 2_000, from: 31)
            let set = try await house.makeSet()
            let before = try await inbox(of: house.store)
            #expect(before.messages.count == 36)
            // Lost by the restore.
            try await house.deliver(1, octets: 100, from: 36)

            let (facts, directory) = try await house.restore(set.name)
            #expect(facts.generation == 2)
            #expect(facts.messages == 36)
            #expect(facts.bodiesRead == 36)
            try await withStore(directory) { store, _ in
                let after = try await inbox(of: store)
                #expect(after.messages == before.messages)
                #expect(after.row.uidValidity.rawValue > before.row.uidValidity.rawValue)
                let generation = try await store.generation()
                #expect(generation == 2)
                let staged = try await store.stage(BackupHouse.message(99, octets: 100))
                let receipt = try await store.deliver(staged, to: [LocalCopy(account: BackupHouse.ann)])
                #expect(receipt.copies.first?.uid.rawValue == 37)
                let findings = try await store.check()
                #expect(findings == [])
            }
            #expect(try Disk.read(directory + "/tls/key.pem", octetsMax: 100) == Array("a private key".utf8))
            #expect(try Disk.read(directory + "/keys/2-other_key.pem", octetsMax: 100) == Array("elsewhere".utf8))
            #expect(facts.keyFiles == ["tls/key.pem", "keys/2-other_key.pem"])
            #expect(Disk.octets(of: directory + "/mail.db.restoring") == nil)
        }
    }

    @Test(
        "A restored store goes on with the target, copying no sealed segment again; the old store is refused from then on"
    )
    func goesOn() async throws {
        try await BackupHouse.with { house in
            try await house.deliver(30, octets: 60_000)
            let set = try await house.makeSet()
            let (_, directory) = try await house.restore(set.name)
            let second = try await withStore(directory) { store, database in
                let files = BlockingPool(name: "keeper", threads: 1, queueMax: 100)
                defer { files.stop() }
                let keeper = Keeper(
                    options: Keeper.Options(target: house.target, stateFolder: directory), store: store,
                    database: database, spamDatabase: nil, files: files, now: { 1_796_000_000 })
                let made = try await keeper.makeSet { _ in }
                #expect(try await keeper.verify(nil) { _ in }.findings == [])
                return made
            }
            #expect(second.generation == 2)
            let sealed = try Target(path: house.target).manifest(set.name).segments.filter(\.isSealed)
            #expect(second.octetsAdded <= second.octets - sealed.reduce(0) { $0 + $1.octets })
            await #expect {
                try await house.makeSet()
            } throws: {
                guard case BackupError.foreignTarget? = $0 as? BackupError else { return false }
                return true
            }
            // Another restore of the first set gives none of the second's numbers.
            #expect(try await house.restore(set.name, into: "third").0.generation == 3)
        }
    }

    @Test("Outgoing mail of a restored store is held, since it may have been sent")
    func queue() async throws {
        try await BackupHouse.with { house in
            let recipients = ["bob@example.net", "eve@example.net"].compactMap { EmailAddress($0) }
            let staged = try await house.store.stage(BackupHouse.message(1, octets: 100))
            _ = try await house.store.deliver(
                staged, to: [], queue: [QueueEntry(reversePath: .null, recipients: recipients)])
            let set = try await house.makeSet()
            let (facts, directory) = try await house.restore(set.name)
            #expect(facts.heldRecipients == 2)
            #expect(facts.sentences.contains { $0.contains("2 recipients in the queue are held") })
            try await withStore(directory) { store, _ in
                let counts = try await store.queueCounts()
                #expect(counts.held == 2)
                #expect(counts.waiting == 0)
                let due = try await store.dueQueue(now: 4_000_000_000, limit: 10)
                #expect(due.isEmpty)
            }
        }
    }

    @Test("A folder with something in it is refused and left as it is")
    func notEmpty() async throws {
        try await BackupHouse.with { house in
            let set = try await house.makeSet()
            let directory = house.folder + "/full"
            try Disk.makeFolders(directory)
            try Disk.write([1], to: directory + "/mail.db")
            await #expect(throws: BackupError.folderNotEmpty(path: directory)) {
                try await house.restore(set.name, into: "full")
            }
            #expect(try Disk.names(in: directory) == ["mail.db"])
            #expect(try Disk.read(directory + "/mail.db", octetsMax: 10) == [1])
        }
    }

    @Test("A set is named by its folder, too; the lock of the folder's owner may be there")
    func byPath() async throws {
        try await BackupHouse.with { house in
            try await house.deliver(2, octets: 100)
            let set = try await house.makeSet()
            let directory = house.folder + "/locked"
            try Disk.makeFolders(directory)
            try Disk.write([], to: directory + "/lock")
            let facts = try await Restore.server(
                set: house.target + "/sets/" + set.name + "/", into: directory
            ) { _ in }
            #expect(facts.messages == 2)
            #expect(facts.set == set.name)
            #expect(Disk.octets(of: directory + "/lock") == 0)
            await #expect(throws: BackupError.self) {
                try await Restore.server(set: house.target, into: house.folder + "/x") { _ in }
            }
            await #expect(throws: BackupError.targetMissing(path: "/nowhere")) {
                try await Restore.server(set: set.name, target: "/nowhere", into: house.folder + "/x") { _ in }
            }
        }
    }

    @Test("Every error says what happened and what to do next")
    func voices() {
        let errors: [BackupError] = [
            .atWork(target: "/t"), .targetMissing(path: "/t"), .targetNotWritable(path: "/t", detail: "d"),
            .foreignTarget(path: "/t", detail: "d"), .noSets(target: "/t"), .noSuchSet(name: "n", target: "/t"),
            .unreadableSet(name: "n", detail: "d"), .damaged(set: "n", file: "f", detail: "d"),
            .folderNotEmpty(path: "/t"), .noSpace(path: "/t", neededOctets: 2, freeOctets: 1),
            .diskFull(operation: "o"), .storeChanging, .store(.busy), .failed(operation: "o", detail: "d"),
        ]
        for error in errors {
            #expect(!error.diagnostic.isEmpty)
            #expect(error.advice.hasSuffix(".") || error.advice.hasSuffix("now") || error.advice.hasSuffix("list"))
        }
    }
}
