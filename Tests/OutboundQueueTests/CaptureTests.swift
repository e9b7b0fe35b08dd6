import MailCore
import MessageStore
import Testing

@testable import OutboundQueue

@Suite("Capture", .timeLimit(.minutes(2))) struct CaptureTests {
    @Test("Each transaction is one .eml as it was queued, its envelope beside it; none replaces another")
    func captures() async throws {
        try await Bed.with { bed in
            let folder = bed.folder + "/outgoing"
            let runner = bed.runner(.captured(folder: folder))
            let many = try await bed.queue((100..<250).map { "r\($0)@a.test" })
            let one = try await bed.queue("x\"y@a.test", "z@b.test", from: "", subject: "Other")
            await runner.start()
            try await bed.untilEmpty()
            await runner.stop(withinSeconds: 5)
            let names = ["\(many)-0", "\(many)-1", "\(one)-0"]
            #expect(Folder.names(folder) == names.flatMap { ["\($0).eml", "\($0).json"] }.sorted())
            #expect(Folder.text("\(folder)/\(one)-0.eml") == Bed.message("Other"))
            #expect(
                Folder.text("\(folder)/\(one)-0.json")
                    == "{\"reversePath\": \"\", \"recipients\": [\"z@b.test\"], \"queueID\": \(one)}\n")
            let envelopes = names.prefix(2).map { Folder.text("\(folder)/\($0).json") }
            for number in 100..<250 { #expect(envelopes.filter { $0.contains("\"r\(number)@a.test\"") }.count == 1) }
        }
    }

    @Test("A folder that cannot be written to keeps the mail waiting, with the reason")
    func cannotWrite() async throws {
        try await Bed.with { bed in
            let runner = bed.runner(.captured(folder: "/proc/none/outgoing"))
            try await bed.queue("x@a.test")
            await runner.start()
            try await bed.untilTried(1)
            #expect(try await bed.rows[0].lastReply?.hasPrefix("451 4.3.0 The message could not be caught") == true)
            await runner.stop(withinSeconds: 5)
        }
    }

    @Test(
        "RFC 8259 §7: a text in JSON",
        arguments: [("a", "\"a\""), ("a\"b\\", "\"a\\\"b\\\\\""), ("\n\u{1}ä", "\"\\u000a\\u0001ä\"")])
    func quotes(text: String, json: String) { #expect(Runner.quoted(text) == json) }
}
