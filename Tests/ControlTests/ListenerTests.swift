import Execution
import Glibc
import Synchronization
import Testing

@testable import Control
@testable import ControlServer

@Suite("The control socket")
struct ListenerTests {
    private static let clients = BlockingPool(name: "test-clients", threads: 24, queueMax: 100)

    /// Blocks in a client, on a thread that may.
    private func client<Outcome: Sendable>(
        _ fixture: Fixture, _ body: @escaping @Sendable (Client) throws -> Outcome
    ) async throws -> Outcome {
        let folder = fixture.folder
        return try await Self.clients.run { try body(try #require(try Client.connect(state: folder))) }
    }

    private func raw(_ folder: String) -> (Connection, Int32) {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        precondition(SocketAddress.withAddress(of: "control.sock", in: folder) { connect(descriptor, $0, $1) } == 0)
        return (Connection(descriptor: descriptor), descriptor)
    }

    @Test("Requests are done one behind the other on one connection; the socket is for its owner alone")
    func requests() async throws {
        try await Fixture.with { fixture in
            let listener = try Listener(state: fixture.folder, administrator: fixture.administrator)
            var facts = stat()
            #expect(stat("\(fixture.folder)/control.sock", &facts) == 0)
            #expect(facts.st_mode & 0o777 == 0o600)
            try await client(fixture) { client in
                _ = try client.perform(.domainAdd(name: "here.test", postmaster: nil))
                #expect(throws: Failure.self) { try client.perform(.domainAdd(name: "here.test", postmaster: nil)) }
                #expect(try client.perform(.domainList).reports[0].rows.map(\.[0]) == ["here.test"])
                var said: [String] = []
                let backup = try client.perform(.backupNow) { said.append($0) }
                #expect(backup.message == "Made the backup set s1.")
                #expect(said == ["Copying.", "Writing the manifest."])
                let body = [UInt8](repeating: 0x0a, count: 3_000_000)
                _ = try client.perform(.spamLearn(as: .ham, lengths: [1_000_000, 2_000_000]), body: body)
            }
            #expect(fixture.spam.learned.withLock { $0.map(\.count) } == [1_000_000, 2_000_000])
            listener.stop()
            #expect(try Client.connect(state: fixture.folder) == nil)
        }
    }

    @Test("A listing of any length comes in lines below the bound")
    func longListing() async throws {
        try await Fixture.with { fixture in
            let listener = try Listener(state: fixture.folder, administrator: fixture.administrator)
            let rows = try await client(fixture) { client in
                _ = try client.perform(.domainAdd(name: "here.test", postmaster: nil))
                for part in 0..<6 {
                    let mailboxes = (0..<500).map {
                        NewMailbox(address: "user\(part * 500 + $0)@here.test", password: .given("pw"))
                    }
                    _ = try client.perform(.mailboxAdd(mailboxes: mailboxes, skippingExisting: false))
                }
                return try client.perform(.mailboxList(domain: nil)).reports[0].rows
            }
            #expect(rows.count == 3_000)
            #expect(Set(rows.map(\.[0])).count == 3_000)
            listener.stop()
        }
    }

    @Test("Rows are cut into pieces that keep all of them in order")
    func pieces() {
        let rows = (0..<1_000).map { [String(repeating: "x", count: 1_000), "\($0)"] as [String?] }
        let pieces = RowPieces.split(rows)
        #expect(pieces.count > 1)
        #expect(Array(pieces.joined()) == rows)
        #expect(RowPieces.split([]).isEmpty)
        let large: [[String?]] = [[String(repeating: "x", count: RowPieces.octetsMax * 2)]]
        #expect(RowPieces.split(large) == [large])
    }

    static let noRequests = [
        "GET / HTTP/1.1\r\n\r\n", "{}\n", "\n", "{\"spamLearn\":{\"as\":\"ham\",\"lengths\":[67108865]}}\n",
        "{\"spamLearn\":{\"as\":\"ham\",\"lengths\":[-1]}}\n", String(repeating: "[", count: 100_000) + "\n",
    ]

    @Test("What is no request is answered with a failure and the end of the connection", arguments: noRequests)
    func nonsense(_ text: String) async throws {
        try await Fixture.with { fixture in
            let listener = try Listener(state: fixture.folder, administrator: fixture.administrator)
            let folder = fixture.folder
            try await Self.clients.run {
                let (connection, _) = raw(folder)
                try connection.write(Array(text.utf8))
                let line = try #require(try connection.readLine())
                guard case .failure = try Line.decode(Answer.self, line) else {
                    Issue.record("no failure")
                    return
                }
                // Nothing more; a reset when the rest of what we sent was not read.
                let more = (try? connection.readLine()) ?? nil
                #expect(more == nil)
            }
            #expect(try await client(fixture) { try $0.perform(.domainList).code } == .done)
            listener.stop()
        }
    }

    @Test("A line past the bound ends the connection, and nothing else")
    func longLine() async throws {
        try await Fixture.with { fixture in
            let listener = try Listener(state: fixture.folder, administrator: fixture.administrator)
            let folder = fixture.folder
            await Self.runClient {
                let (connection, _) = raw(folder)
                try? connection.write([UInt8](repeating: 0x20, count: Control.Line.octetsMax + 10))
                let more = (try? connection.readLine()) ?? nil
                #expect(more == nil)
            }
            #expect(try await client(fixture) { try $0.perform(.domainList).code } == .done)
            listener.stop()
        }
    }

    @Test("Eight connections are served at once; the ninth waits for its turn and gets it")
    func places() async throws {
        try await Fixture.with { fixture in
            let listener = try Listener(state: fixture.folder, administrator: fixture.administrator)
            let folder = fixture.folder
            let request = try Line.encode(Request.domainList)
            try await Self.clients.run {
                var held = (0..<Listener.connectionsMax).map { _ in raw(folder) }
                for (connection, _) in held {
                    try connection.write(request)
                    #expect(try connection.readLine() != nil)
                }
                let (ninth, descriptor) = raw(folder)
                try ninth.write(request)
                var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                #expect(poll(&poller, 1, 100) == 0)
                held.removeFirst()
                #expect(try ninth.readLine() != nil)
            }
            listener.stop()
        }
    }

    @Test("A socket that a dead server left is replaced; a folder with a long path will do")
    func leftOver() async throws {
        try await Fixture.with { fixture in
            let name = String(repeating: "d", count: 150)
            let folder = "\(fixture.folder)/\(name)"
            mkdir(folder, 0o700)
            close(open("\(folder)/control.sock", O_CREAT | O_WRONLY, 0o644))
            #expect(try Client.connect(state: folder) == nil)
            let listener = try Listener(state: folder, administrator: fixture.administrator)
            let code = try await Self.clients.run {
                try #require(try Client.connect(state: folder)).perform(.domainList).code
            }
            #expect(code == .done)
            listener.stop()
            rmdir(folder)
        }
    }

    @Test("Without a folder, or without a server in it, there is no client; and no listener without a folder")
    func nothing() async throws {
        try await Fixture.with { fixture in
            let none = try [fixture.folder, "\(fixture.folder)/none"].map { try Client.connect(state: $0) }
            #expect(none.allSatisfy { $0 == nil })
            #expect(throws: Failure.self) {
                try Listener(state: "\(fixture.folder)/none", administrator: fixture.administrator)
            }
        }
    }

    private static func runClient(_ body: @escaping @Sendable () -> Void) async {
        try? await clients.run(body)
    }
}
