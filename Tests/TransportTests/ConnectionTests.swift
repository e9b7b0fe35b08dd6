import MailCore
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Transport

/// A line protocol with every step that an engine can ask for.
struct EchoEngine: ProtocolEngine {
    enum Request: Equatable, Sendable {
        case echo(String)
        case flood(Int)
    }
    enum Answer: Sendable { case text(String) }

    private var pending: Request?
    private var wantsTLS = false
    private var isOver = false

    mutating func start(into output: inout ByteBuffer) { output.writeString("hello\r\n") }

    mutating func advance(_ input: inout ByteBuffer, into output: inout ByteBuffer) -> Step<Request> {
        while true {
            if isOver { return .close }
            if let pending { return .perform(pending) }
            guard let end = input.readableBytesView.firstIndex(of: 10) else { return .needsInput(withinSeconds: 60) }
            let line = input.readString(length: end - input.readerIndex + 1) ?? ""
            let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
            switch words.first {
            case "echo": pending = .echo(words.last ?? "")
            case "flood": pending = .flood(Int(words.last ?? "") ?? 0)
            case "starttls":
                output.writeString("go\r\n")
                return .startTLS
            case "quit":
                output.writeString("bye\r\n")
                isOver = true
            default: output.writeString("what\r\n")
            }
        }
    }

    mutating func resume(with answer: Answer, into output: inout ByteBuffer) {
        pending = nil
        if case .text(let text) = answer { output.writeString(text + "\r\n") }
    }

    mutating func handle(_ event: ConnectionEvent, into output: inout ByteBuffer) {
        switch event {
        case .woken: output.writeString("woken\r\n")
        case .shuttingDown:
            output.writeString("shutdown\r\n")
            isOver = true
        case .timedOut: isOver = true
        case .tlsStarted: break
        }
    }
}

final class EchoSession: Session {
    typealias Engine = EchoEngine

    let waker: ConnectionWaker
    let highest = Atomic<Int>(0)
    let isClosed = Atomic<Bool>(false)

    init(waker: ConnectionWaker) { self.waker = waker }

    func perform(_ request: EchoEngine.Request, _ responses: ResponseStream) async -> EchoEngine.Answer {
        switch request {
        case .echo("wake"):
            waker.wake()
            return .text("ok")
        case .echo(let text): return .text(text)
        case .flood(let pieces):
            let piece = ByteBuffer(repeating: 120, count: 65_536)
            for count in 0..<pieces {
                do {
                    try await responses.write { $0.writeImmutableBuffer(piece) }
                } catch {
                    return .text("closed")
                }
                highest.store(count + 1, ordering: .relaxed)
            }
            return .text("flooded")
        }
    }

    func closed() async { isClosed.store(true, ordering: .releasing) }
}

@Suite struct ConnectionTests {
    let loops = EventLoops(threads: 1)

    private func start(admission: Admission = Admission(totalMax: 10, perAddressMax: 10)) async throws -> (
        Listener, Mutex<[EchoSession]>.Box
    ) {
        let sessions = Mutex<[EchoSession]>.Box()
        let listener = try await Listener.start(
            .init(host: "127.0.0.1", port: 0, tls: nil, admission: admission, refusal: "too many\r\n"), on: loops,
            serving: SessionFactory { _, waker in
                let session = EchoSession(waker: waker)
                sessions.value.withLock { $0.append(session) }
                return (EchoEngine(), session)
            })
        return (listener, sessions)
    }

    /// Sends and reads until the server closes or `until` was seen; `whenSeen` runs once that text came.
    private func talk(
        _ port: Int, _ text: String, until: String? = nil, whenSeen: (text: String, does: @Sendable () -> Void)? = nil
    ) async throws -> String {
        let channel = try await ClientBootstrap(group: loops.group).connect(host: "127.0.0.1", port: port) { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
            }
        }
        return try await channel.executeThenClose { input, output in
            var all = ""
            if !text.isEmpty { try await output.write(ByteBuffer(string: text)) }
            for try await part in input {
                all += String(buffer: part)
                if let whenSeen, all.contains(whenSeen.text) { whenSeen.does() }
                if let until, all.contains(until) { break }
            }
            return all
        }
    }

    @Test("Pipelined commands are answered in order, and the last reply arrives before the close")
    func pipelines() async throws {
        let (listener, sessions) = try await start()
        let said = try await talk(listener.port, "echo a\r\nwhat\r\necho b\r\nquit\r\necho c\r\n")
        #expect(said == "hello\r\na\r\nwhat\r\nb\r\nbye\r\n")
        await listener.stop(withinSeconds: 5)
        #expect(sessions.value.withLock { $0.count } == 1)
    }

    @Test("RFC 3207 §6: octets in clear behind STARTTLS close the connection unanswered")
    func refusesInjection() async throws {
        let (listener, _) = try await start()
        let said = try await talk(listener.port, "starttls\r\necho injected\r\n")
        #expect(said == "hello\r\ngo\r\n")
        await listener.stop(withinSeconds: 5)
    }

    @Test("A client that sends everything and shuts its side gets every reply, and then the end")
    func answersHalfClosed() async throws {
        let (listener, sessions) = try await start()
        let channel = try await ClientBootstrap(group: loops.group)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: "127.0.0.1", port: listener.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
                }
            }
        let said = try await channel.executeThenClose { input, output in
            try await output.write(ByteBuffer(string: "echo a\r\necho b\r\nflood 20\r\necho c\r\n"))
            output.finish()
            var all = ""
            for try await part in input { all += String(buffer: part) }
            return all
        }
        #expect(said.hasPrefix("hello\r\na\r\nb\r\nx"))
        #expect(said.hasSuffix("xflooded\r\nc\r\n"))
        while sessions.value.withLock({ $0.first?.isClosed.load(ordering: .acquiring) }) != true { await Task.yield() }
        await listener.stop(withinSeconds: 5)
    }

    @Test("A wake during a request is told after it")
    func wakes() async throws {
        let (listener, _) = try await start()
        let said = try await talk(listener.port, "echo wake\r\n", until: "woken")
        #expect(said == "hello\r\nok\r\nwoken\r\n")
        await listener.stop(withinSeconds: 5)
    }

    @Test("Shutdown says goodbye to idle connections")
    func shutsDown() async throws {
        let (listener, _) = try await start()
        let (answers, answered) = AsyncStream<Void>.makeStream()
        async let said = talk(listener.port, "echo a\r\n", whenSeen: ("a\r\n", { answered.finish() }))
        for await _ in answers {}
        await listener.stop(withinSeconds: 5)
        #expect(try await said.hasSuffix("shutdown\r\n"))
    }

    @Test("One address beyond its places is refused in words")
    func refuses() async throws {
        let (listener, _) = try await start(admission: Admission(totalMax: 10, perAddressMax: 0))
        #expect(try await talk(listener.port, "") == "too many\r\n")
        await listener.stop(withinSeconds: 5)
    }

    @Test("A large answer is sent whole, and a client that does not read holds it at its bound")
    func floods() async throws {
        let (listener, sessions) = try await start()
        let said = try await talk(listener.port, "flood 200\r\nquit\r\n")
        let expected: Int = 7 + 200 * 65_536 + 9 + 5
        #expect(said.utf8.count == expected)

        let silent = try await ClientBootstrap(group: loops.group)
            .channelOption(.autoRead, value: false)
            .connect(host: "127.0.0.1", port: listener.port).get()
        try await silent.writeAndFlush(ByteBuffer(string: "flood 100000\r\n"))
        func session() -> EchoSession? { sessions.value.withLock { $0.count > 1 ? $0[1] : nil } }
        while (session()?.highest.load(ordering: .relaxed) ?? 0) == 0 { await Task.yield() }
        try await silent.close()
        while session()?.isClosed.load(ordering: .acquiring) != true { await Task.yield() }
        // 100,000 pieces were asked for; the sockets' buffers and the stream's bound took far fewer.
        let highest: Int = session()?.highest.load(ordering: .relaxed) ?? 0
        #expect(highest < 2_000)
        await listener.stop(withinSeconds: 5)
    }
}

extension Mutex where Value: Sendable {
    final class Box: Sendable where Value: ExpressibleByArrayLiteral {
        let value = Mutex<Value>([])
    }
}
