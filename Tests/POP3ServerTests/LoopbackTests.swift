import MessageStore
import NIOCore
import NIOPosix
import POP3
import Testing
import Transport

@testable import POP3Server

@Suite("On a socket")
struct LoopbackTests {
    @Test("A client logs in, reads, deletes and quits; one that is cut off leaves its lock to the next")
    func talks() async throws {
        try await Fixture.with { fixture in
            try await fixture.deliver("Subject: one\r\n\r\nHello\r\n")
            let loops = EventLoops(threads: 1)
            let services = fixture.services
            var configuration = POP3.Configuration(hostName: "here.test")
            configuration.allowsCleartextLogin = true
            let listener = try await Listener.start(
                .init(
                    host: "127.0.0.1", port: 0, tls: nil, admission: Admission(totalMax: 10, perAddressMax: 10),
                    refusal: "-ERR\r\n"),
                on: loops,
                serving: SessionFactory { [configuration] facts, _ in
                    (
                        POP3.ServerSession(configuration: configuration, isTLSActive: false),
                        MaildropSession(services: services, facts: facts)
                    )
                })
            let login = "USER ann@here.test\r\nPASS secret\r\n"
            let greeting =
                "+OK here.test POP3 ready\r\n+OK Password, please\r\n+OK Maildrop has 1 messages (23 octets)\r\n"
            // Cut off with a mark: nothing is deleted, and the lock is free before the next one's time is over.
            let cut = try await talk(loops, listener.port, login + "DELE 1\r\n", until: "marked")
            #expect(cut.hasPrefix(greeting))
            let said = try await talk(loops, listener.port, login + "RETR 1\r\nDELE 1\r\nQUIT\r\n")
            #expect(
                said == greeting + "+OK Message follows\r\nSubject: one\r\n\r\nHello\r\n.\r\n"
                    + "+OK Message 1 is marked as deleted\r\n+OK Goodbye\r\n")
            #expect(try await fixture.inbox().messages == 0)
            await listener.stop(withinSeconds: 5)
            await loops.stop()
        }
    }

    /// Sends and reads until the server closes or `until` was seen.
    private func talk(_ loops: EventLoops, _ port: Int, _ text: String, until: String? = nil) async throws -> String {
        let channel = try await ClientBootstrap(group: loops.group).connect(host: "127.0.0.1", port: port) { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
            }
        }
        return try await channel.executeThenClose { input, output in
            try await output.write(ByteBuffer(string: text))
            var all = ""
            for try await part in input {
                all += String(buffer: part)
                if let until, all.contains(until) { break }
            }
            return all
        }
    }
}
