import Antivirus
import Glibc
import Testing

@Suite("Scanning with libclamav in its own process")
struct ScanTests {
    static let zipped = Samples.zip([.init(stored: Samples.eicar, name: "eicar.com")])

    @Test("EICAR is found bare, in a MIME part and in a zip in a MIME part; a clean message is clean")
    func finds() async throws {
        try await Fixture().withScanner { scanner in
            #expect(await scanner.scan(.octets(Samples.clean), digest: nil) == .clean)
            #expect(await scanner.scan(.octets(Samples.eicar, isMessage: false), digest: nil).isInfected)
            #expect(
                await scanner.scan(
                    .octets(Samples.message([], String(decoding: Samples.eicar, as: UTF8.self))), digest: nil
                ).isInfected)
            #expect(
                await scanner.scan(.octets(Samples.attaching(Samples.eicar, name: "e.com")), digest: nil).isInfected)
            #expect(await scanner.scan(.octets(Samples.attaching(Self.zipped, name: "e.zip")), digest: nil).isInfected)
            let status = await scanner.status()
            #expect(status.state == .running)
            #expect(status.signatures == 3)
            #expect(status.newestSignatureTime != nil)
            #expect(!status.engineVersion.isEmpty)
            #expect(status.restarts == 0)
        }
    }

    @Test("Pieces are scanned as one message, a descriptor from its first octet")
    func sources() async throws {
        try await Fixture().withScanner { scanner in
            let message = Samples.attaching(Samples.eicar, name: "e.com")
            let head = Array(message.prefix(200))
            let tail = Array(message.dropFirst(200))
            #expect(await scanner.scan(.octets(head, tail), digest: nil).isInfected)
            try await Fixture.withFile(message) { descriptor in
                _ = lseek(descriptor, 0, Int32(SEEK_END))
            } then: { descriptor in
                #expect(await scanner.scan(.file(descriptor: descriptor), digest: nil).isInfected)
                #expect(lseek(descriptor, 0, Int32(SEEK_CUR)) == message.count)
            }
            #expect(await scanner.scan(.octets([UInt8]()), digest: nil) == .clean)
        }
    }

    static let magics = ["%PDF-1.4", "MZ", "GIF89a", "{\\rtf1", "BZh9", "Rar!", "FWS", "BM", "ITSF", "RIFF"]

    @Test("A first field whose name is another type's magic does not hide the attachment")
    func magicFields() async throws {
        try await Fixture().withScanner { scanner in
            for magic in Self.magics {
                let message = Samples.attaching(Self.zipped, name: "e.zip", before: ["\(magic): x"])
                #expect(await scanner.scan(.octets(message), digest: nil).isInfected, "\(magic)")
                // libclamav itself is taken in, which is why messages are not scanned as bare files.
                #expect(await scanner.scan(.octets(message, isMessage: false), digest: nil) == .clean, "\(magic)")
            }
            let padding = (0..<200).map { "X-Padding-\($0): \(String(repeating: "p", count: 60))" }
            let message = Samples.attaching(Self.zipped, name: "e.zip", before: padding)
            #expect(await scanner.scan(.octets(message), digest: nil).isInfected)
        }
    }

    @Test("Without signatures everything is clean, and status says so", arguments: [true, false])
    func noSignatures(folderExists: Bool) async throws {
        var fixture = try Fixture(signatures: [])
        if !folderExists { fixture.configuration.signatureFolder += "-missing" }
        try await fixture.withScanner { scanner in
            #expect(await scanner.scan(.octets(Samples.attaching(Samples.eicar, name: "e.com")), digest: nil) == .clean)
            let status = await scanner.status()
            #expect(status.signatures == 0)
            #expect(status.problem != nil)
            #expect(status.newestSignatureTime == nil)
        }
    }

    @Test("A zip bomb cannot be checked, and that is soon known")
    func bomb() async throws {
        var fixture = try Fixture()
        fixture.configuration.scanOctetsMax = 8_388_608
        let zeros = Samples.deflatedZeros(pairs: 120_000)
        let bomb = Samples.zip(
            (0..<8).map { .init(deflated: zeros.data, octets: zeros.octets, crc: 0, name: "\($0).bin") })
        try await fixture.withScanner { scanner in
            let started = ContinuousClock.now
            let outcome = await scanner.scan(.octets(Samples.attaching(bomb, name: "b.zip")), digest: "bomb")
            #expect(outcome.isUnchecked, "\(outcome)")
            #expect(ContinuousClock.now - started < .seconds(60))
            #expect(await scanner.scan(.octets(Samples.clean), digest: nil) == .clean)
        }
    }

    @Test("A zip of 20,000 entries ends within the time limit, in an answer")
    func manyEntries() async throws {
        var fixture = try Fixture()
        fixture.configuration.scanSeconds = 1
        let many = Samples.zip(entries: 20_000)
        try await fixture.withScanner { scanner in
            let started = ContinuousClock.now
            let outcome = await scanner.scan(.octets(Samples.attaching(many, name: "m.zip")), digest: nil)
            #expect(outcome.isUnchecked, "\(outcome)")
            #expect(ContinuousClock.now - started < .seconds(60))
        }
    }

    @Test("More files than the limit, an encrypted archive and a message above the limit cannot be checked")
    func limits() async throws {
        var fixture = try Fixture()
        fixture.configuration.scanFilesMax = 50
        fixture.configuration.scanOctetsMax = 1_048_576
        try await fixture.withScanner { scanner in
            let many = Samples.zip((0..<200).map { .init(stored: Array("file \($0)".utf8), name: "\($0).txt") })
            let outcome = await scanner.scan(.octets(Samples.attaching(many, name: "m.zip")), digest: nil)
            #expect(outcome.isUnchecked, "\(outcome)")
            let secret = Samples.zip([.init(stored: [UInt8](repeating: 7, count: 64), name: "s.txt", flags: 1)])
            let encrypted = await scanner.scan(.octets(Samples.attaching(secret, name: "s.zip")), digest: nil)
            #expect(encrypted.isUnchecked, "\(encrypted)")
            let large = Samples.clean + [UInt8](repeating: 0x61, count: 1_048_577 - Samples.clean.count)
            #expect(await scanner.scan(.octets(large), digest: nil).isUnchecked)
        }
    }

    @Test("A reload takes up a new file; a broken file leaves the old signatures in use")
    func reload() async throws {
        let fixture = try Fixture(signatures: ["postino-test.hdb"])
        let marker = Samples.message([], "POSTINO-TEST-MARKER-7f3a91c2\r\n")
        try await fixture.withScanner { scanner in
            #expect(await scanner.scan(.octets(marker), digest: nil) == .clean)
            let hex = "504f5354494e4f2d544553542d4d41524b45522d3766336139316332"
            try fixture.add(Array("Added.Marker:0:*:\(hex)\n".utf8), as: "added.ndb")
            #expect(await scanner.reload() == nil)
            #expect(await scanner.scan(.octets(marker), digest: nil) == .infected("Added.Marker.UNOFFICIAL"))
            let status = await scanner.status()
            #expect(status.signatures == 2)
            #expect(status.generation == 2)
            #expect(status.restarts == 0)
            try fixture.add(Array("this is no signature\n".utf8), as: "broken.ndb")
            #expect(await scanner.reload() != nil)
            #expect(await scanner.scan(.octets(marker), digest: nil).isInfected)
            let kept = await scanner.status()
            #expect(kept.signatures == 2)
            #expect(kept.problem != nil)
        }
    }

    @Test("Scans go on while signatures are loaded again and again")
    func reloadUnderLoad() async throws {
        try await Fixture().withScanner { scanner in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in 0..<4 {
                    group.addTask {
                        for index in 0..<40 {
                            let message = Samples.message(["X-Number: \(worker)-\(index)"], "text\r\n")
                            try #require(await scanner.scan(.octets(message), digest: nil) == .clean)
                            try #require(
                                await scanner.scan(
                                    .octets(Samples.attaching(Samples.eicar, name: "\(index)")), digest: nil
                                ).isInfected)
                        }
                    }
                }
                group.addTask { for _ in 0..<5 { #expect(await scanner.reload() == nil) } }
                try await group.waitForAll()
            }
            #expect(await scanner.status().generation == 6)
        }
    }

    @Test("A change in the folder is noticed by itself")
    func noticesChange() async throws {
        var fixture = try Fixture(signatures: [])
        fixture.configuration.signatureCheckSeconds = 1
        try await fixture.withScanner { scanner in
            #expect(await scanner.status().state != .stopped(reason: ""))
            try fixture.add(Fixture.read(Fixture.sources + "/Config/test-signatures/postino-test.ndb"), as: "a.ndb")
            _ = await SupervisionTests.status(of: scanner) { $0.signatures > 0 }
            #expect(await scanner.scan(.octets(Samples.attaching(Samples.eicar, name: "e")), digest: nil).isInfected)
        }
    }
}

extension ScanOutcome {
    var isInfected: Bool { if case .infected = self { true } else { false } }
    var isUnchecked: Bool { if case .cannotCheck = self { true } else { false } }
    var isUnavailable: Bool { if case .unavailable = self { true } else { false } }
}
