import Glibc
import MessageStore
import Testing

@testable import Backup

@Suite("Damaged sets")
struct DamageTests {
    @Test(
        "A flipped octet is found and its file named; a restore refuses it; the next set brings the good octets back",
        arguments: ["segments/", "tails/"])
    func flipped(folder: String) async throws {
        try await BackupHouse.with { house in
            try await house.deliver(30, octets: 60_000)
            let set = try await house.makeSet()
            let victim = try #require(try house.listing().keys.first { $0.hasPrefix(folder) })
            try house.flip(victim)
            let proof = try await house.verify()
            #expect(proof.damagedFiles == [victim])
            #expect(proof.findings.count == 1)
            #expect(proof.findings[0].contains(victim))
            let state = try await house.keeper.sets().map(\.state)
            #expect(state.count == 1 && state[0].hasPrefix("failed: \(victim)"))
            await #expect {
                try await house.restore(set.name)
            } throws: {
                guard case .damaged(set.name, victim, _)? = $0 as? BackupError else { return false }
                return true
            }
            #expect(try Disk.names(in: house.folder + "/restored") == [])
            let second = try await house.makeSet()
            #expect(try await house.verify(second.name).findings == [])
            if folder == "segments/" { #expect(try await house.verify(set.name).findings == []) }
        }
    }

    @Test("A missing or cut file is found, and copied again by the next set")
    func missing() async throws {
        try await BackupHouse.with { house in
            try await house.deliver(50, octets: 60_000)
            _ = try await house.makeSet()
            let victims = try house.listing().keys.filter { $0.hasPrefix("segments/") }.sorted()
            try #require(victims.count >= 2)
            unlink(house.target + "/" + victims[0])
            truncate(house.target + "/" + victims[1], 10)
            #expect(try await house.verify().damagedFiles.sorted() == Array(victims[0...1]))
            _ = try await house.makeSet()
            #expect(try await house.verify().findings == [])
        }
    }

    @Test(
        "A damaged index, manifest or list of digests is found",
        arguments: ["mail.db", "manifest.json", "SHA256SUMS", "keys/1-key.pem"])
    func setFiles(file: String) async throws {
        try await BackupHouse.with { house in
            try await house.deliver(3, octets: 1_000)
            let set = try await house.makeSet()
            let path = "sets/\(set.name)/\(file)"
            // The first line of SHA256SUMS is the manifest's, which is what is relied on.
            if file == "SHA256SUMS" {
                truncate(house.target + "/" + path, 20)
            } else {
                try house.flip(path)
            }
            let proof = try await house.verify()
            #expect(!proof.isProven)
            let listed = try await house.keeper.sets()
            #expect(listed.map { $0.state.hasPrefix("failed: ") } == [true])
            #expect(listed.map(\.createdAt) == [set.createdAt])
            await #expect(throws: BackupError.self) { try await house.restore(set.name) }
            // Pruning keeps what an unreadable manifest may name.
            let before = try house.listing().keys.filter { !$0.hasPrefix("sets/") }.sorted()
            _ = try await house.keeper.prune(keep: 5)
            #expect(try house.listing().keys.filter { !$0.hasPrefix("sets/") }.sorted() == before)
        }
    }

    @Test("An index that does not fit its segments fails although all digests are right")
    func wrongIndex() async throws {
        try await BackupHouse.with { house in
            try await house.deliver(5, octets: 1_000)
            // The live store's own octets rot before the backup.
            let file = try #require(try await house.store.segmentFiles().first)
            var octets = try Disk.read(file.path, octetsMax: 1 << 30)
            octets[file.octets / 2] ^= 1
            let descriptor = open(file.path, O_WRONLY)
            _ = octets.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
            close(descriptor)
            _ = try await house.makeSet()
            let proof = try await house.verify()
            #expect(proof.findings.count == 1)
            #expect(proof.findings.first?.hasPrefix("body ") == true)
            #expect(proof.bodiesRead == 4)
        }
    }

    @Test("Sets that are not there are told as such")
    func unknown() async throws {
        try await BackupHouse.with { house in
            await #expect(throws: BackupError.noSets(target: house.target)) { try await house.verify() }
            _ = try await house.makeSet()
            let name = "20200101T000000Z-1-1"
            await #expect(throws: BackupError.noSuchSet(name: name, target: house.target)) {
                try await house.verify(name)
            }
            await #expect(throws: BackupError.noSuchSet(name: "../sets", target: house.target)) {
                try await house.verify("../sets")
            }
            await #expect(throws: BackupError.noSuchSet(name: name, target: house.target)) {
                try await house.restore(name)
            }
        }
    }

    @Test(
        "A manifest whose paths lead outside is refused",
        arguments: ["../x", "/etc/passwd", "segments/../../x", ""])
    func paths(path: String) throws {
        let counts = Manifest.Counts(accounts: 0, messages: 0, octets: 0)
        let file = Manifest.File(path: "a", octets: 1, sha256: "", restoredAs: path)
        let manifest = Manifest(
            name: "n", store: "s", generation: 1, createdAt: 0, counts: counts, files: [file], segments: [],
            octetsAdded: 0)
        #expect(throws: BackupError.self) { try Manifest(decoding: try manifest.encoded()) }
        var newer = manifest
        newer.files = []
        newer.format = Manifest.currentFormat + 1
        #expect(throws: BackupError.self) { try Manifest(decoding: try newer.encoded()) }
        newer.format = Manifest.currentFormat
        #expect(try Manifest(decoding: try newer.encoded()) == newer)
    }
}
