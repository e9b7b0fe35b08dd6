import MailCore
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization
import Transport

/// An SMTP server that takes everything, but for what its script says.
final class FakeServer: Sendable {
    enum Event: Equatable, Sendable {
        case connected
        /// Without CR LF.
        case command(String)
        /// All of DATA came.
        case message
    }

    enum Action: Sendable {
        case say(String)
        case sayAndClose(String)
        case close
        case silence
    }

    struct Message: Equatable, Sendable {
        var connection: Int
        var reversePath: String
        var recipients: [String]
        /// As sent, dot-stuffed, without the final dot.
        var octets: String
        var isAccepted: Bool
    }

    /// What is done at an event of the connection with this number (0 is the first); nil for the usual.
    typealias Script = @Sendable (Int, Event) -> Action?

    let port: Int
    private let channel: any Channel
    private let state: Shared

    final class Shared: Sendable {
        let connections = Atomic<Int>(0)
        let messages = Mutex<[Message]>([])
        let commands = Mutex<[String]>([])
    }

    /// - Parameters:
    ///   - tls: offers STARTTLS with it.
    ///   - isSevenBit: does not announce 8BITMIME.
    init(
        host: String = "127.0.0.1", port: Int = 0, on loops: EventLoops, tls: NIOSSLContext? = nil,
        extensions: [String] = [], isSevenBit: Bool = false, script: @escaping Script = { _, _ in nil }
    ) async throws {
        let state = Shared()
        let extensions = extensions + (isSevenBit ? [] : ["8BITMIME"])
        channel = try await ServerBootstrap(group: loops.group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let number = state.connections.wrappingAdd(1, ordering: .relaxed).oldValue
                    try channel.pipeline.syncOperations.addHandler(FakeHandler(number, state, script, tls, extensions))
                }
            }
            .bind(host: host, port: port).get()
        self.port = channel.localAddress?.port ?? 0
        self.state = state
    }

    var connections: Int { state.connections.load(ordering: .relaxed) }
    var messages: [Message] { state.messages.withLock { $0 } }
    var accepted: [Message] { messages.filter(\.isAccepted) }
    var commands: [String] { state.commands.withLock { $0 } }

    func stop() async { try? await channel.close().get() }
}

private final class FakeHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let number: Int
    private let state: FakeServer.Shared
    private let script: FakeServer.Script
    private var input = ""
    private var reversePath = ""
    private var recipients: [String] = []
    private var data: [String]?
    private var tls: NIOSSLContext?
    private let extensions: [String]

    init(
        _ number: Int, _ state: FakeServer.Shared, _ script: @escaping FakeServer.Script, _ tls: NIOSSLContext?,
        _ extensions: [String]
    ) {
        self.tls = tls
        self.extensions = extensions
        self.number = number
        self.state = state
        self.script = script
    }

    func channelActive(context: ChannelHandlerContext) { act(.connected, "220 fake.test ESMTP", context) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        input += String(buffer: unwrapInboundIn(data))
        while let end = input.range(of: "\r\n") {
            let line = String(input[..<end.lowerBound])
            input = String(input[end.upperBound...])
            take(line, context)
        }
    }

    private func take(_ line: String, _ context: ChannelHandlerContext) {
        guard data == nil else { return takeData(line, context) }
        state.commands.withLock { $0.append(line) }
        var reply = "250 2.0.0 ok"
        switch line.prefix(4).uppercased() {
        case "EHLO":
            let lines = extensions + (tls == nil ? [] : ["STARTTLS"])
            reply = "250-fake.test\r\n" + lines.map { "250-\($0)\r\n" }.joined()
            reply += "250-PIPELINING\r\n250 ENHANCEDSTATUSCODES"
        case "STAR": reply = "220 2.0.0 go"
        case "AUTH": reply = "235 2.7.0 welcome"
        case "QUIT": reply = "221 2.0.0 bye"
        case "DATA": reply = recipients.isEmpty ? "503 5.5.1 no recipients" : "354 go"
        default: break
        }
        let said = act(.command(line), reply, context)
        guard said.hasPrefix("2") || said.hasPrefix("3") else { return }
        switch line.prefix(4).uppercased() {
        case "MAIL": (reversePath, recipients) = (line.path, [])
        case "RCPT": recipients.append(line.path)
        case "DATA": data = []
        case "STAR": startTLS(context)
        default: break
        }
    }

    private func startTLS(_ context: ChannelHandlerContext) {
        guard let tls else { return }
        self.tls = nil
        try? context.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls), position: .first)
    }

    private func takeData(_ line: String, _ context: ChannelHandlerContext) {
        guard line == "." else {
            data?.append(line)
            return
        }
        let octets = (data ?? []).map { $0 + "\r\n" }.joined()
        data = nil
        let said = act(.message, "250 2.0.0 taken", context)
        let message = FakeServer.Message(
            connection: number, reversePath: reversePath, recipients: recipients, octets: octets,
            isAccepted: said.hasPrefix("2"))
        state.messages.withLock { $0.append(message) }
        recipients = []
    }

    /// Returns what was said.
    @discardableResult
    private func act(_ event: FakeServer.Event, _ usual: String, _ context: ChannelHandlerContext) -> String {
        switch script(number, event) {
        case nil: return say(usual, context)
        case .say(let text): return say(text, context)
        case .sayAndClose(let text):
            say(text, context)
            context.close(promise: nil)
            return text
        case .close:
            context.close(promise: nil)
            return ""
        case .silence: return ""
        }
    }

    @discardableResult
    private func say(_ text: String, _ context: ChannelHandlerContext) -> String {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text + "\r\n")), promise: nil)
        return text
    }
}

extension String {
    /// What stands between the angle brackets.
    fileprivate var path: String {
        guard let start = firstIndex(of: "<"), let end = firstIndex(of: ">"), start < end else { return "" }
        return String(self[index(after: start)..<end])
    }

    fileprivate func range(of other: String) -> Range<Index>? {
        let (mine, theirs) = (Array(utf8), Array(other.utf8))
        guard mine.count >= theirs.count else { return nil }
        for offset in 0...(mine.count - theirs.count) where Array(mine[offset..<(offset + theirs.count)]) == theirs {
            let start = utf8.index(utf8.startIndex, offsetBy: offset)
            return start..<utf8.index(start, offsetBy: theirs.count)
        }
        return nil
    }
}
