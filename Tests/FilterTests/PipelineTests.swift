import Antivirus
import DNS
import Glibc
import MIME
import MailAuth
import MailCore
import NIOCore
import SpamScoring
import Synchronization
import Testing

@testable import Filter

@Suite struct PipelineTests {
    static let suffixes = PublicSuffixList(Array("org\ntest\n".utf8))
    static let zone: [String: [StaticResolver.Record]] = [
        "example.org": [.txt("v=spf1 ip4:192.0.2.1 -all"), .a("192.0.2.1")],
        "_dmarc.example.org": [.txt("v=DMARC1; p=reject")],
        "1.2.0.192.in-addr.arpa": [.ptr("client.example.org")],
        "client.example.org": [.a("192.0.2.1")],
    ]

    @Test("A stranger's message is judged by all stages, and its copy says so")
    func examines() async {
        let scanner = FakeScanner(.clean)
        let pipeline = Pipeline(
            options(),
            Services(
                resolver: StaticResolver(Self.zone), suffixes: Self.suffixes, scanner: scanner,
                classifier: FakeClassifier(scores: [ann: SpamScore(logOdds: 3), bob: SpamScore(logOdds: -4)]),
                files: files))
        let verdict = await pipeline.examine(examination())
        #expect(verdict.dataReply == .accept)
        #expect(verdict.action(for: ann) == .junk)
        #expect(verdict.action(for: bob) == .accept)
        #expect(scanner.scanned.withLock { $0 } == ["d1"])
        let header = verdict.header().replacing("\r\n\t", with: " ")
        #expect(header.contains("Authentication-Results: mx.example.test; iprev=pass"))
        #expect(header.contains("spf=pass"))
        #expect(header.contains("smtp.mailfrom=ann@example.org"))
        #expect(header.contains("dmarc=pass"))
        #expect(header.contains("X-Postino-Spam: junk p=0.92 S=+2.5; bayes=+3.0; dmarc=-0.5 (pass); model=global"))
        #expect(header.contains("X-Postino-Virus: clean\r\n"))
        #expect(verdict.header(bob).contains("X-Postino-Spam: ham p=0.01"))
    }

    @Test("Without DNS all authentication is a temporary error, and the message is taken")
    func worksWithoutDNS() async {
        let pipeline = Pipeline(
            options(), Services(resolver: DisabledResolver(), suffixes: Self.suffixes, files: files))
        let verdict = await pipeline.examine(examination())
        for method in ["iprev=temperror", "spf=temperror", "dmarc=temperror"] {
            #expect(verdict.header().contains(method))
        }
        #expect(verdict.dataReply == .accept)
        #expect(verdict.signals.allSatisfy { $0.weight == 0 })
    }

    @Test("A service that never answers costs its stage the time limit and no more")
    func limitsTime() async {
        let silent = SilentService()
        let limited = options {
            $0.authenticationMilliseconds = 20
            $0.antivirusMilliseconds = 20
            $0.classifierMilliseconds = 20
        }
        let pipeline = Pipeline(
            limited,
            Services(resolver: silent, suffixes: Self.suffixes, scanner: silent, classifier: silent, files: files))
        let verdict = await pipeline.examine(examination())
        #expect(verdict.dataReply == .defer(JudgementTests.noScanner))
        #expect(verdict.signal(.spf)?.name == "temperror")
        #expect(verdict.signal(.iprev)?.name == "temperror")
        #expect(verdict.signal(.dmarc)?.name == "temperror")
        #expect(verdict.header().contains("dmarc=temperror"))
        #expect(verdict.signal(.classifier)?.name == "failed")
        #expect(verdict.signal(.antivirus)?.name == "unavailable")
    }

    @Test(
        "A virus is refused by its name, made harmless",
        arguments: [
            ("Eicar-Test-Signature", "Eicar-Test-Signature"), ("A b\r\n250 Ok", "A?b??250?Ok"), ("", "unnamed"),
            (String(repeating: "n", count: 101), String(repeating: "n", count: 100)),
        ])
    func refusesViruses(_ name: String, _ shown: String) async {
        let pipeline = Pipeline(
            options(), Services(resolver: DisabledResolver(), scanner: FakeScanner(.infected(name)), files: files))
        for origin in [Examination.Origin.stranger, .submission(ann)] {
            let verdict = await pipeline.examine(examination(origin: origin))
            #expect(verdict.dataReply == .refuse(Refusal(550, "5.7.1", "Message contains malware (\(shown))")))
        }
    }

    @Test("A scanner without signatures does not make a message clean")
    func needsSignatures() async {
        for (count, word) in [(0, "not-checked"), (3, "clean"), (nil as Int?, "clean")] {
            let services = Services(
                resolver: DisabledResolver(), scanner: FakeScanner(.clean), signatureCount: { count }, files: files)
            let verdict = await Pipeline(options(), services).examine(examination())
            #expect(verdict.signal(.antivirus)?.name == word)
            #expect(verdict.dataReply == .accept)
        }
    }

    @Test("A spooled message is scanned from its file; one that cannot be opened is put off")
    func scansFiles() async throws {
        var template = Array("/tmp/spool-XXXXXX".utf8CString)
        let descriptor = template.withUnsafeMutableBufferPointer { $0.baseAddress.map { mkstemp($0) } ?? -1 }
        let path = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
        close(descriptor)
        defer { unlink(path) }
        let pipeline = Pipeline(
            options(), Services(resolver: DisabledResolver(), scanner: FakeScanner(.infected("X")), files: files))
        var spooled = examination()
        spooled.content = .spooled(path: path)
        #expect(await pipeline.examine(spooled).signal(.antivirus)?.name == "infected")
        spooled.content = .spooled(path: path + ".gone")
        #expect(await pipeline.examine(spooled).dataReply == .defer(JudgementTests.noScanner))
    }

    @Test(
        "Who logged in or is of a trusted network is neither authenticated nor scored",
        arguments: [Examination.Origin.submission(bob), .trustedNetwork])
    func trustsSubmission(_ origin: Examination.Origin) async {
        let pipeline = Pipeline(
            options(),
            Services(
                resolver: StaticResolver(Self.zone), suffixes: Self.suffixes, scanner: FakeScanner(.clean),
                classifier: FakeClassifier(scores: [ann: SpamScore(logOdds: 6)]), files: files))
        let verdict = await pipeline.examine(examination(origin: origin, client: .v4(198, 51, 100, 7)))
        #expect(verdict.action(for: ann) == .accept)
        #expect(verdict.header().contains("Authentication-Results: mx.example.test; none\r\n"))
        #expect(verdict.header().contains("X-Postino-Spam: unscored (the sender is one of ours)\r\n"))
        #expect(verdict.signals.map(\.stage) == [.classifier, .antivirus])
    }

    static let loops = [(50, true), (51, false)]

    @Test("RFC 5321 §6.3: a message with too many Received fields is in a loop", arguments: loops)
    func findsLoops(_ hops: Int, _ isTaken: Bool) async {
        let pipeline = Pipeline(options(), Services(resolver: DisabledResolver(), files: files))
        let text = String(repeating: "Received: from a by b\r\n", count: hops) + "From: <a@b.test>\r\n\r\n"
        let verdict = await pipeline.examine(examination(text))
        #expect((verdict.dataReply == .accept) == isTaken)
        #expect(isTaken || verdict.dataReply == .refuse(JudgementTests.loop))
    }

    @Test("RFC 5322 §3.6: a stranger's message has one From field")
    func refusesSeveralFrom() async {
        let scanner = FakeScanner(.clean)
        let pipeline = Pipeline(options(), Services(resolver: DisabledResolver(), scanner: scanner, files: files))
        let text = "From: <a@b.test>\r\nFROM : <c@d.test>\r\n\r\n"
        #expect(await pipeline.examine(examination(text)).dataReply == .refuse(JudgementTests.severalFrom))
        #expect(scanner.scanned.withLock { $0.isEmpty })
        #expect(await pipeline.examine(examination(text, origin: .submission(ann))).dataReply == .accept)
    }

    @Test("Switched off, everything is accepted and nothing is said")
    func off() async {
        let pipeline = Pipeline.off(hostName: "mx.example.test")
        let verdict = await pipeline.examine(examination("From: a\r\nFrom: b\r\n\r\n"))
        #expect(!pipeline.isOn && !verdict.isExamined)
        #expect(verdict.dataReply == .accept && verdict.action(for: ann) == .accept)
        #expect(verdict.header().isEmpty)
        #expect(verdict.json().contains("\"examined\":false"))
    }

    @Test("libspf2 is asked after the verdict, but never for loopback clients", .timeLimit(.minutes(1)))
    func seeksSecondOpinion() async {
        let (stream, continuation) = AsyncStream<String>.makeStream()
        let pipeline = Pipeline(
            options(),
            Services(
                resolver: StaticResolver(Self.zone), secondOpinion: FakeConsultant(asked: continuation), files: files))
        _ = await pipeline.examine(examination(client: .v4(127, 0, 0, 1), reversePath: .null))
        let verdict = await pipeline.examine(examination())
        #expect(verdict.signal(.spf)?.name == "pass")
        // Had the first been asked about, its empty reverse-path would come first or second.
        continuation.yield("end")
        var asked: [String] = []
        for await name in stream {
            asked.append(name)
            if asked.count == 2 { break }
        }
        #expect(Set(asked) == ["ann@example.org: v=spf1 ip4:192.0.2.1 -all", "end"])
    }
}
