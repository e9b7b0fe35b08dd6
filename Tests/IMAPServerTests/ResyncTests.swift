import IMAP
import MailCore
import Testing

@testable import IMAPServer

/// A client with a memory, as RFC 7162 §6 wants it: what it holds after it came back must be what is there.
private final class RememberingClient {
    private let fixture: Fixture
    private let configuration: IMAP.ServerConfiguration
    private var connection: Connection?
    private var validity = ""
    private var highest = 0
    /// Flags by UID, without `\Recent`, in the order that the server writes them.
    var flags: [Int: String] = [:]
    private var exists = 0
    /// All messages up to here were fetched when they came.
    private var fetchedTo = 0

    init(_ fixture: Fixture, _ configuration: IMAP.ServerConfiguration) {
        self.fixture = fixture
        self.configuration = configuration
    }

    func open() async throws {
        let connection = Connection(fixture.services, configuration, identifier: "r")
        self.connection = connection
        _ = try await connection.start()
        _ = try await connection.say("l LOGIN ann@here.test secret\r\n")
        _ = try await connection.say("e ENABLE QRESYNC\r\n")
        let known = validity.isEmpty ? "" : " (QRESYNC (\(validity) \(highest)))"
        try await say("SELECT INBOX\(known)")
        try await fetchNew()
        #expect(
            flags.count == exists, "RFC 7162 §3.2.5: all that changed is told at SELECT, but what was never fetched")
    }

    /// The connection is lost.
    func lose() async {
        await connection?.close()
        connection = nil
    }

    /// RFC 7162 §6, 2 (I): messages that EXISTS told of are the client's to fetch.
    func fetchNew() async throws {
        guard flags.count < exists else { return }
        try await say("UID FETCH \(fetchedTo + 1):* (FLAGS MODSEQ)")
        fetchedTo = max(fetchedTo, flags.keys.max() ?? 0)
    }

    /// - Parameter flag: that the command takes away silently.
    func say(_ command: String, removing flag: String? = nil) async throws {
        guard let connection else { return }
        var code: Int?
        var seen = 0
        for line in try await connection.say("t \(command)\r\n").split(separator: "\r\n") {
            if let start = line.firstRange(of: "[UIDVALIDITY ")?.upperBound {
                validity = String(line[start...].prefix(while: \.isNumber))
            } else if let start = line.firstRange(of: "[HIGHESTMODSEQ ")?.upperBound {
                code = Int(line[start...].prefix(while: \.isNumber))
            } else if line.hasPrefix("* VANISHED ") {
                vanish(line.dropFirst(11))
            } else if line.hasSuffix(" EXISTS") {
                exists = Int(line.dropFirst(2).prefix(while: \.isNumber)) ?? 0
            } else if line.contains(" FETCH (UID ") {
                seen = max(seen, take(line, removing: flag))
            }
        }
        // §6: a code counts whatever else was seen.
        highest = code ?? max(highest, seen)
    }

    private func vanish(_ text: Substring) {
        let isEarlier = text.hasPrefix("(EARLIER) ")
        for part in (isEarlier ? text.dropFirst(10) : text).split(separator: ",") {
            let ends = part.split(separator: ":").compactMap { Int($0) }
            guard let first = ends.first, let last = ends.last else { continue }
            for uid in first...last {
                let isKnown = flags.removeValue(forKey: uid) != nil
                if !isEarlier {
                    exists -= 1
                    #expect(isKnown || exists >= flags.count, "§3.2.10.2: VANISHED names what the client was told of")
                }
            }
        }
    }

    /// The mod-sequence told.
    private func take(_ line: Substring, removing flag: String?) -> Int {
        func value(behind name: String) -> Substring {
            line.firstRange(of: name).map { line[$0.upperBound...] } ?? ""
        }
        guard let uid = Int(value(behind: "(UID ").prefix(while: \.isNumber)) else { return 0 }
        if line.contains("FLAGS (") {
            flags[uid] = value(behind: "FLAGS (").prefix { $0 != ")" }.split(separator: " ")
                .filter { $0 != "\\Recent" }.joined(separator: " ")
        } else if let flag, let known = flags[uid] {
            // RFC 7162 §3.1.3: its own silent change, confirmed by MODSEQ alone.
            flags[uid] = known.split(separator: " ").filter { $0 != flag }.joined(separator: " ")
        }
        return Int(value(behind: "MODSEQ (").prefix(while: \.isNumber)) ?? 0
    }

    /// What the server has now, asked without any memory.
    func actual() async throws -> [Int: String] {
        let fresh = RememberingClient(fixture, configuration)
        try await fresh.open()
        await fresh.lose()
        return fresh.flags
    }
}

@Suite struct ResyncTests {
    private struct Random: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state ^ (state >> 33)) &* 0xff51_afd7_ed55_8ccd
        }
    }

    @Test(
        "RFC 7162 §6: whatever others do and whenever the connection is lost, a client that comes back holds what is there",
        arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func holds(_ seed: UInt64) async throws {
        try await Fixture.with { fixture in
            var random = Random(state: seed)
            var configuration = IMAP.ServerConfiguration()
            configuration.allowsCleartextLogin = true
            configuration.badCommandsMax = 1_000
            let other = Connection(fixture.services, configuration, identifier: "o")
            _ = try await other.start()
            _ = try await other.say("l LOGIN ann@here.test secret\r\ns SELECT INBOX\r\n")
            let client = RememberingClient(fixture, configuration)
            try await client.open()
            for _ in 0..<150 {
                let some = Int.random(in: 1...12, using: &random)
                switch Int.random(in: 0..<14, using: &random) {
                case 0, 1, 2: _ = try await other.say(Samples.filled("o APPEND INBOX {{plain}}") + "\r\n")
                case 3: _ = try await other.say("o STORE \(some) +FLAGS (\\Flagged)\r\n")
                case 4: _ = try await other.say("o STORE \(some):* +FLAGS (\\Deleted)\r\n")
                case 5: _ = try await other.say("o EXPUNGE\r\n")
                case 6: _ = try await other.say("o MOVE \(some) Trash\r\n")
                case 7: try await client.say("NOOP")
                // Here VANISHED is held back.
                case 8: try await client.say("FETCH 1:* (UID FLAGS MODSEQ)")
                case 9: try await client.say("STORE \(some) -FLAGS.SILENT (\\Flagged)", removing: "\\Flagged")
                case 10: try await client.say("SEARCH MODSEQ 1")
                case 11: try await client.fetchNew()
                case 12: try await client.say("UID EXPUNGE 1:*")
                default:
                    await client.lose()
                    try await client.open()
                    #expect(client.flags == (try await client.actual()))
                }
            }
            await client.lose()
            try await client.open()
            #expect(client.flags == (try await client.actual()))
            await client.lose()
            await other.close()
        }
    }
}
