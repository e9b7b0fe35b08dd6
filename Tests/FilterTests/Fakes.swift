import Antivirus
import DNS
import Execution
import MIME
import MailCore
import NIOCore
import SpamScoring
import Synchronization

@testable import Filter

/// Says the same of every message; remembers what it was given.
final class FakeScanner: MessageScanning {
    let outcome: ScanOutcome
    let scanned = Mutex<[String?]>([])

    init(_ outcome: ScanOutcome) { self.outcome = outcome }

    func scan(_ source: ScanSource, digest: String?) async -> ScanOutcome {
        scanned.withLock { $0.append(digest) }
        return outcome
    }
}

/// Never answers, not even when its task is cancelled: the worst that a service can do.
struct SilentService: Resolver, MessageScanning, MessageScoring {
    func query(_ name: String, _ type: RecordType) async -> Answer { await never() }
    func scan(_ source: ScanSource, digest: String?) async -> ScanOutcome { await never() }
    func score(_ message: Message, accounts: [AccountID]) async throws -> [AccountID: SpamScore] { await never() }

    private func never<Value>() async -> Value { await withUnsafeContinuation { _ in } }
}

struct FakeClassifier: MessageScoring {
    struct Broken: Error {}

    /// Nil: fails.
    var scores: [AccountID: SpamScore]?

    func score(_ message: Message, accounts: [AccountID]) async throws -> [AccountID: SpamScore] {
        guard let scores else { throw Broken() }
        return scores
    }
}

/// libspf2's part: says fail to everything, and tells whom it was asked about.
struct FakeConsultant: SPFConsulting {
    let asked: AsyncStream<String>.Continuation

    func checkSPF(
        client: [UInt8], helo: String, mailFrom: String,
        resolve: @escaping @Sendable (SPFLookup) async -> SPFLookupAnswer
    ) async -> SPFOpinion {
        guard case .records(let texts) = await resolve(SPFLookup(name: "example.org", kind: .txt)) else {
            asked.yield(mailFrom)
            return .temperror
        }
        asked.yield("\(mailFrom): " + texts.map { String(decoding: $0, as: UTF8.self) }.joined())
        return .fail
    }
}

let files = BlockingPool(name: "test-files", threads: 1, queueMax: 16)
let (ann, bob) = (AccountID(rawValue: 1), AccountID(rawValue: 2))

func options(_ change: (inout Options) -> Void = { _ in }) -> Options {
    var options = Options(hostName: "mx.example.test")
    // Time enough on a machine that does much else.
    options.authenticationMilliseconds = 300_000
    options.classifierMilliseconds = 300_000
    change(&options)
    return options
}

func examination(
    _ text: String = "From: <ann@example.org>\r\nDate: Mon, 23 Nov 2026 21:02:54 +0000\r\n\r\nHello\r\n",
    origin: Examination.Origin = .stranger, client: IPAddress = .v4(192, 0, 2, 1),
    reversePath: ReversePath = .address(EmailAddress(localPart: "ann", domain: "example.org")),
    recipients: [AccountID] = [ann, bob]
) -> Examination {
    Examination(
        origin: origin, client: client, helo: "client.example.org", reversePath: reversePath, recipients: recipients,
        message: Message(parsing: ByteBuffer(string: text)), digest: "d1", unixSeconds: 1_795_000_000)
}

extension IPAddress {
    static func v4(_ octets: UInt8...) -> IPAddress { IPAddress(octets: octets) ?? .v4(0, 0, 0, 0) }
}

extension Verdict {
    func signal(_ stage: StageName) -> Signal? { signals.first { $0.stage == stage } }
    func header(_ account: AccountID = ann) -> String { String(buffer: headerLines(for: account)) }
}
