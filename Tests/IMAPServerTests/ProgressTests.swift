import IMAP
import MailCore
import NIOCore
import NIOEmbedded
import Testing

@testable import IMAPServer
@testable import Transport

@Suite("INPROGRESS (RFC 9585)") struct ProgressTests {
    @Test("RFC 9585 §3: a client that waits for a long command hears now and then that it is being worked on")
    func tells() async throws {
        try await Fixture.with { fixture in
            var services = fixture.services
            services.progressSeconds = 0.001
            let endpoint = SocketEndpoint(host: "127.0.0.1", port: 143)
            let session = MailboxSession(
                services: services, facts: ConnectionFacts(identifier: "c1", local: endpoint, remote: endpoint),
                waker: ConnectionWaker(), messageOctetsMax: 1_000)
            let channel = NIOAsyncTestingChannel()
            let responses = ResponseStream(channel: channel)
            let answer = try await session.tellingProgress(of: .search(Search(.all)), responses) {
                // The command takes until the client has heard of it twice.
                for _ in 1...2 {
                    let said = try await channel.waitForOutboundWrite(as: ByteBuffer.self)
                    #expect(String(buffer: said) == "* OK [INPROGRESS] Still at it\r\n")
                }
                return .done(.ok)
            }
            #expect(answer == .done(.ok))
            responses.close()
        }
    }
}
