import Glibc
import MailCore
import MessageStore
import Testing

@testable import Backup

@Suite("Backup sets")
struct SetTests {
    @Test("A second set copies only what is new: sealed segments once, the open one from where the last set ended")
    func increments() async throws {
        try await BackupHouse.with { house in
            try await house.deliver(30, octets: 60_000)
            let first = try await house.makeSet()
            let before = try house.listing()
            #expect(first.messages == 30)
            #expect(first.octets == first.octetsAdded)
            #expect(before.values.reduce(0, +) >= first.octetsAdded)
            let ends = before.filter { $0.key.hasPrefix("tails/") }
            #expect(ends.count == 1)
            #expect(before.keys.count { $0.hasPrefix("segments/") } >= 1)

            try await house.deliver(2, octets: 5_000, from: 30)
            let second = try await house.makeSet()
            let after = try house.listing()
            for (name, octets) in before { #expect(after[name] == octets, "\(name) changed") }
            let new = after.keys.filter { before[$0] == nil && !$0.hasPrefix("sets/\(second.name)/") }
            #expect(new.count == 1)
            #expect(new.allSatisfy { $0.hasPrefix("tails/") })
            let index = after["sets/\(second.name)/mail.db"] ?? 0
            #expect(second.octetsAdded < index + 20_000)
            #expect(second.messages == 32)
            #expect(try await house.keeper.sets().map(\.name) == [first.name, second.name])
            #expect(try await house.verify(first.name).findings == [])
            let proof = try await house.verify()
            #expect(proof.set == second.name)
            #expect(proof.findings == [])
            #expect(proof.bodiesRead == 32)
            #expect(try await house.keeper.sets().map(\.state) == ["proven", "proven"])
        }
    }

    @Test("The open segment is copied whole once it was sealed; sets that named its pieces stay whole")
    func sealing() async throws {
        try await BackupHouse.with { house in
            try await house.deliver(3, octets: 10_000)
            let first = try await house.makeSet()
            try await house.store.sealOpenSegment()
            let second = try await house.makeSet()
            let manifest = try Target(path: house.target).manifest(second.name)
            #expect(manifest.segments.allSatisfy { $0.isSealed })
            #expect(try await house.verify(first.name).findings == [])
            #expect(try await house.verify(second.name).findings == [])
            let third = try await house.makeSet()
            #expect(third.octetsAdded == manifest.files.reduce(0) { $0 + $1.octets })
        }
    }

    @Test("Messages above 1 MiB have segments of their own and are in the set", arguments: [1_500_000])
    func large(octets: Int) async throws {
        try await BackupHouse.with { house in
            try await house.deliver(1, octets: octets)
            let set = try await house.makeSet()
            #expect(set.octets > Int64(octets))
            let proof = try await house.verify()
            #expect(proof.findings == [])
            #expect(proof.bodiesRead == 1)
        }
    }

    @Test("An empty store can be backed up, proven and restored")
    func empty() async throws {
        try await BackupHouse.with { house in
            let set = try await house.makeSet()
            #expect(try await house.verify().findings == [])
            #expect(try await house.restore(set.name).0.messages == 0)
        }
    }

    @Test("SHA256SUMS names every file of the set, for a check without this program")
    func sums() async throws {
        try await BackupHouse.with { house in
            try await house.deliver(30, octets: 60_000)
            let set = try await house.makeSet()
            let path = house.target + "/sets/\(set.name)/SHA256SUMS"
            #expect(system("cd '\(house.target)' && sha256sum --quiet -c '\(path)' >/dev/null 2>&1") == 0)
            let lines = String(decoding: try Disk.read(path, octetsMax: 1 << 20), as: UTF8.self).split(separator: "\n")
            #expect(lines.count == (try house.listing().count) - 1)
        }
    }

    @Test("Sets are made while mail arrives; each holds all that was delivered before it began")
    func meanwhile() async throws {
        try await BackupHouse.with { house in
            try await house.deliver(20, octets: 50_000)
            async let delivering: Void = house.deliver(60, octets: 50_000, from: 20)
            let first = try await house.makeSet()
            let second = try await house.makeSet()
            try await delivering
            #expect(first.messages >= 20)
            #expect(second.messages >= first.messages)
            for set in [first, second] {
                let proof = try await house.verify(set.name)
                #expect(proof.findings == [])
                #expect(Int64(proof.bodiesRead) == set.messages)
            }
        }
    }

    @Test("What a killed backup left is removed by the next one, and is no set")
    func leftovers() async throws {
        try await BackupHouse.with { house in
            try await house.deliver(30, octets: 60_000)
            let first = try await house.makeSet()
            let making = house.target + "/sets/.making-20261123T215100Z-1-1"
            try Disk.makeFolders(making + "/keys")
            try Disk.write([1, 2, 3], to: making + "/mail.db")
            try Disk.write([1], to: house.state + "/backup-work/mail.db.fresh")
            let names = try Disk.names(in: house.target + "/segments")
            let segment = "\(house.target)/segments/\(names[0])/"
            try Disk.write([1], to: segment + "1-77.seg.part")
            // A segment that was copied before its set was: the name is there, no manifest names it.
            let copied = try #require(
                try house.listing().keys.first { $0.hasPrefix("segments/") && $0.hasSuffix(".seg") })
            try Disk.removeTree(house.target + "/sets/" + first.name)
            #expect(try await house.keeper.sets() == [])
            let set = try await house.makeSet()
            #expect(try await house.keeper.sets().map(\.name) == [set.name])
            #expect(!Disk.isFolder(making))
            #expect(Disk.octets(of: segment + "1-77.seg.part") == nil)
            #expect(try house.listing()[copied] != nil)
            #expect(try await house.verify().findings == [])
            #expect(try Disk.names(in: house.state + "/backup-work") == ["mail.db"])
            #expect(Disk.octets(of: house.state + "/backup-work/mail.db") == 0)
        }
    }

    @Test("A backup beside another one is refused")
    func oneAtATime() async throws {
        try await BackupHouse.with { house in
            _ = try await house.makeSet()
            let lock = try Target.Lock(Target(path: house.target))
            await #expect(throws: BackupError.atWork(target: house.target)) { try await house.makeSet() }
            await #expect(throws: BackupError.atWork(target: house.target)) { try await house.verify() }
            await #expect(throws: BackupError.atWork(target: house.target)) { try await house.keeper.prune(keep: 1) }
            withExtendedLifetime(lock) {}
        }
    }

    @Test("A target that is missing or that cannot be written is a clear error, and never made by us")
    func badTarget() async throws {
        try await BackupHouse.with { house in
            rmdir(house.target)
            await #expect(throws: BackupError.targetMissing(path: house.target)) { try await house.makeSet() }
            await #expect(throws: BackupError.targetMissing(path: house.target)) { try await house.keeper.sets() }
            #expect(!Disk.isFolder(house.target))
            mkdir(house.target, 0o500)
            if geteuid() != 0 {
                await #expect {
                    try await house.makeSet()
                } throws: {
                    guard case BackupError.targetNotWritable? = $0 as? BackupError else { return false }
                    return true
                }
            }
            // A file where a folder must be: root, too, cannot write there.
            chmod(house.target, 0o700)
            try Disk.write([], to: house.target + "/sets")
            await #expect(throws: BackupError.self) { try await house.makeSet() }
            let free = Disk.freeOctets(at: house.target) ?? 0
            #expect(free > 0)
        }
    }

    @Test("A target with the sets of another store, or of a later life of this one, is refused")
    func foreign() async throws {
        try await BackupHouse.with { house in
            let set = try await house.makeSet()
            let store = try Target(path: house.target).manifest(set.name).store
            #expect(throws: BackupError.self) {
                try Catalogue(Target(path: house.target), store: "another", generation: 1)
            }
            #expect(throws: BackupError.self) {
                try Catalogue(Target(path: house.target), store: store, generation: 0)
            }
            #expect(try Catalogue(Target(path: house.target), store: store, generation: 1).names == [set.name])
        }
    }

    @Test("Old sets are removed, and segments and pieces that only they named; the newest proven one stays")
    func prune() async throws {
        try await BackupHouse.with { house in
            try await house.deliver(30, octets: 60_000)
            let first = try await house.makeSet()
            _ = try await house.verify()
            try await house.deliver(1, octets: 5_000, from: 30)
            let second = try await house.makeSet()
            try await house.store.sealOpenSegment()
            let third = try await house.makeSet()
            #expect(try await house.keeper.prune(keep: 1) == [second.name])
            #expect(try await house.keeper.sets().map(\.name) == [first.name, third.name])
            #expect(try await house.verify(first.name).findings == [])
            #expect(try await house.verify(third.name).findings == [])
            #expect(try await house.keeper.prune(keep: 1) == [first.name])
            #expect(try house.listing().keys.allSatisfy { !$0.hasPrefix("tails/") })
            #expect(try await house.verify(third.name).findings == [])
        }
    }
}
