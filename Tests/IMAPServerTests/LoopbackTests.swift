import IMAP
import MailCore
import NIOCore
import NIOPosix
import Testing
import Transport

@testable import IMAPServer

@Suite struct LoopbackTests {
    @Test("A client on a socket logs in, appends, reads and leaves; one that idles is told what another does")
    func serves() async throws {
        try await Fixture.with { fixture in
            let loops = EventLoops(threads: 2)
            var configuration = IMAP.ServerConfiguration()
            configuration.allowsCleartextLogin = true
            let listener = try await Listener.start(
                .init(
                    host: "127.0.0.1", port: 0, tls: nil, admission: Admission(totalMax: 10, perAddressMax: 10),
                    refusal: "* BYE Too many connections\r\n"), on: loops,
                serving: fixture.services.sessions(configuration))
            let port = listener.port
            async let idler = Self.talk(
                port, ["a LOGIN ann@here.test secret\r\na SELECT INBOX\r\nb IDLE\r\n", "DONE\r\nc LOGOUT\r\n"],
                after: ["+ idling", "* 2 EXISTS"], loops)
            let plain = Samples.filled("b APPEND INBOX {{plain}}")
            let said = try await Self.talk(
                port,
                [
                    "a LOGIN ann@here.test secret\r\n\(plain)\r\n\(plain)\r\nc SELECT INBOX\r\nd FETCH 1:2 BODY[]\r\ne LOGOUT\r\n"
                ],
                after: [], loops)
            #expect(said.contains("d OK FETCH completed\r\n"))
            #expect(said.hasSuffix("* BYE Goodbye\r\ne OK LOGOUT completed\r\n"))
            #expect(said.ranges(of: "Shall we meet at noon?").count == 2)
            let heard = try await idler
            #expect(heard.hasSuffix("* BYE Goodbye\r\nc OK LOGOUT completed\r\n"))
            await listener.stop(withinSeconds: 5)
            await loops.stop()
        }
    }

    /// Says the first, and each next one when what is `after` it was heard; what the server said until it closed.
    private static func talk(
        _ port: Int, _ parts: [String], after: [String], _ loops: EventLoops
    ) async throws -> String {
        let channel = try await ClientBootstrap(group: loops.group).connect(host: "127.0.0.1", port: port) { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
            }
        }
        return try await channel.executeThenClose { input, output in
            var all = ""
            var next = 1
            try await output.write(ByteBuffer(string: parts[0]))
            for try await part in input {
                all += String(buffer: part)
                guard next < parts.count, after.allSatisfy({ all.contains($0) }) else { continue }
                try await output.write(ByteBuffer(string: parts[next]))
                next += 1
            }
            return all
        }
    }
}
